import type { Actor } from "../domain/actor.ts";
import type { AuditAction } from "../domain/audit-action.ts";
import type { ConnectionOperation } from "../domain/connection-operation.ts";
import type { ConnectionId } from "../domain/ids.ts";
import type { ProvisionRequest } from "../domain/provision-request.ts";
import type { SetupLink } from "../domain/setup-link.ts";
import type { SsoConnection } from "../domain/sso-connection.ts";
import type { Queries } from "./queries.ts";
import { auditEvents } from "./schema.ts";

/** What an event is about: a click, what is done to a connection, a connection itself, or a setup link. */
type Subject =
  | {
      readonly request: Pick<ProvisionRequest, "id" | "projectId" | "orgId"> & {
        readonly connectionId?: ConnectionId | null;
      };
    }
  | {
      readonly operation: Pick<
        ConnectionOperation,
        "id" | "requestId" | "connectionId" | "projectId" | "orgId" | "generation" | "kind"
      >;
    }
  | { readonly connection: Pick<SsoConnection, "id" | "projectId" | "orgId"> }
  | { readonly setupLink: Pick<SetupLink, "id" | "projectId" | "orgId"> }
  /** All of it: an operator's order that is about nobody's connection. */
  | { readonly installation: true };

/** Stands for every project and organization. */
const everyone = "*";

type Detail = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/** Appends one event, in the transaction of the change that it tells of. A second call appends a second event. */
export async function appendAuditEvent(
  queries: Queries,
  event: Subject & { actor: Actor; action: AuditAction; detail?: Detail },
): Promise<void> {
  const { actor, action, detail = {} } = event;
  // A link has no column of its own: few rows are about one.
  const about = "setupLink" in event ? { ...detail, setup_link: event.setupLink.id } : detail;
  await queries.insert(auditEvents).values({ actor, action, detail: about, ...aboutOf(event) });
}

function aboutOf(event: Subject) {
  if ("installation" in event) return { projectId: everyone, orgId: everyone, generation: 0 };
  if ("setupLink" in event) {
    const { projectId, orgId } = event.setupLink;
    return { projectId, orgId, generation: 0 };
  }
  if ("connection" in event) {
    const { id: connectionId, projectId, orgId } = event.connection;
    return { projectId, orgId, connectionId, generation: 0 };
  }
  if ("request" in event) {
    const { id: requestId, projectId, orgId, connectionId = null } = event.request;
    return { projectId, orgId, requestId, connectionId, generation: 0 };
  }
  const { id: operationId, projectId, orgId, requestId, connectionId, generation } = event.operation;
  return { projectId, orgId, operationId, requestId, connectionId, generation };
}
