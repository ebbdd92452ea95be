import type { EventName } from "./events.ts";

/**
 * What a `session.revoked` event is about, as the platform's own are: the session is the target, and the connection that
 * it came from stands in the metadata. Undefined for any other event.
 */
export function revokedSessionOf(row: {
  readonly name: EventName;
  readonly connectionId: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}) {
  if (row.name !== "session.revoked") return undefined;
  return {
    target_type: "session" as const,
    target_id: String(row.detail["sid"]),
    metadata: { reason: String(row.detail["reason"]), connection_id: row.connectionId },
  };
}
