import type { AuditAction } from "../domain/audit-action.ts";
import type { ConnectionId } from "../domain/ids.ts";
import type { ProvisionRequest } from "../domain/provision-request.ts";
import type { SsoConnection } from "../domain/sso-connection.ts";
import type { Queries } from "./client.ts";
import { auditEvents } from "./schema.ts";

/** `user:{sub}`, `operator:{name}`, `system`, or `browser` for an unauthenticated callback. */
export type Actor = `user:${string}` | `operator:${string}` | "system" | "browser";

/** What an event is about: a click or run, or a connection itself. */
type Subject =
  | {
      readonly request: Pick<ProvisionRequest, "projectId" | "orgId" | "generation"> & {
        readonly id: string;
        readonly connectionId?: ConnectionId | null;
      };
    }
  | { readonly connection: Pick<SsoConnection, "id" | "projectId" | "orgId"> };

/** Appends one event, in the transaction of the change that it tells of. A second call appends a second event. */
export async function appendAuditEvent(
  queries: Queries,
  event: Subject & {
    actor: Actor;
    action: AuditAction;
    detail?: Readonly<Record<string, string | number | boolean | null>>;
  },
): Promise<void> {
  const { projectId, orgId } = "request" in event ? event.request : event.connection;
  const about =
    "request" in event
      ? {
          requestId: event.request.id,
          generation: event.request.generation,
          connectionId: event.request.connectionId ?? null,
        }
      : { connectionId: event.connection.id, generation: 0 };
  await queries.insert(auditEvents).values({
    actor: event.actor,
    action: event.action,
    projectId,
    orgId,
    ...about,
    detail: event.detail ?? {},
  });
}
