import type { ProvisionRequest } from "../domain/provision-request.ts";
import type { Queries } from "./client.ts";
import { auditEvents } from "./schema.ts";

export type AuditAction =
  | "started"
  | "consented"
  | "declined"
  | "refused"
  | "expired"
  | "proved"
  | "confirmed"
  | "superseded"
  | "succeeded"
  | "failed"
  | "cancelled"
  | "settled"
  | "users_consented"
  | "renewal_started"
  | "cleanup_acknowledged"
  | "swept"
  | "retried"
  | "cleaned_up"
  | "cleanup_needs_operator";

/** `user:{sub}`, `operator:{name}`, `system`, or `browser` for an unauthenticated callback. */
export type Actor = `user:${string}` | `operator:${string}` | "system" | "browser";

/** Appends one event, in the transaction of the change that it tells of. A second call appends a second event. */
export async function appendAuditEvent(
  queries: Queries,
  event: {
    actor: Actor;
    action: AuditAction;
    request: Pick<ProvisionRequest, "projectId" | "orgId" | "generation"> & { readonly id: string };
    detail?: Readonly<Record<string, string | number | boolean | null>>;
  },
): Promise<void> {
  await queries.insert(auditEvents).values({
    actor: event.actor,
    action: event.action,
    projectId: event.request.projectId,
    orgId: event.request.orgId,
    requestId: event.request.id,
    generation: event.request.generation,
    detail: event.detail ?? {},
  });
}
