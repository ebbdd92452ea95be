import { type EventMetadata, shownDetail } from "./event-metadata.ts";
import type { EventName } from "./events.ts";
import { revokedSessionOf } from "./revoked-session.ts";

/** A row of the audit trail that others are told of. */
export interface EventRow {
  /** Its place in the feed. */
  readonly position: number;
  readonly name: EventName;
  readonly actor: string;
  readonly projectId: string;
  readonly orgId: string;
  readonly requestId: string | null;
  readonly connectionId: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly at: Date;
}

/** An event as `GET /v1/events` shows it, in the shape of the platform's feed. */
export function feedEntry(row: EventRow) {
  const { actor, ...about } = aboutOf(row);
  return {
    id: idOf(row),
    event: row.name,
    created_at: row.at.toISOString(),
    data: {
      project_id: about.project_id,
      organization_id: about.organization_id,
      user_id: about.user_id,
      actor_type: actor.type,
      actor_id: actor.id,
      target_type: about.target_type,
      target_id: about.target_id,
      metadata: about.metadata,
    },
  };
}

/** An event as a webhook's body has it, in the platform's shape. The same id as in the feed, at every delivery. */
export function webhookBody(row: EventRow) {
  return { id: idOf(row), action: row.name, created_at: row.at.toISOString(), ...aboutOf(row) };
}

const idOf = ({ position }: Pick<EventRow, "position">): string => `evt_${position}`;

function aboutOf(row: EventRow) {
  const [kind = "", id] = row.actor.split(/:(.*)/s);
  const type: "user" | "api_key" | "system" =
    kind === "user" ? "user" : kind === "operator" ? "api_key" : "system";
  const target: "ms_provision" | "sso_connection" =
    row.connectionId === null ? "ms_provision" : "sso_connection";
  return {
    project_id: row.projectId,
    organization_id: row.orgId,
    user_id: type === "user" ? (id ?? null) : null,
    target_type: target,
    target_id: row.connectionId ?? row.requestId,
    metadata: metadataOf(row),
    ...revokedSessionOf(row),
    actor: { type, id: id ?? null },
  };
}

function metadataOf({ detail, requestId }: EventRow): EventMetadata {
  return { ...shownDetail(detail), ...(requestId === null ? {} : { provision_id: requestId }) };
}
