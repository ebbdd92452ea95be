import type { Context } from "hono";
import { z } from "zod";
import { type EventRow, listEvents, placeEvents } from "../../db/events.ts";
import { eventNames } from "../../domain/events.ts";
import { opaqueIdSchema } from "../../domain/ids.schema.ts";
import type { AppEnv } from "../app-env.ts";
import type { ApiDeps } from "../deps.ts";
import { readQuery } from "../read-input.ts";
import { requireOperator } from "./provisions.ts";

const limitMax = 100;
const eventIdShape = /^evt_([1-9]\d{0,15})$/;
const querySchema = z.strictObject({
  event: z.enum(eventNames).optional(),
  organization_id: opaqueIdSchema.optional(),
  after: z.string().regex(eventIdShape, { error: "must be the id of an event" }).optional(),
  limit: z
    .string()
    .regex(/^(?:[1-9]\d?|100)$/, { error: `must be a number from 1 to ${limitMax}` })
    .optional(),
});

/**
 * `GET /v1/events`: what happened, oldest first after a cursor (`after`, the id of the last one read). Nothing is left
 * out by reading on from `list_metadata.after`: an event gets its place when it is committed.
 */
export async function eventFeed(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  requireOperator(c, deps.config);
  const query = readQuery(c, querySchema);
  await placeEvents(deps.database);
  const rows = await listEvents(deps.database, {
    after: Number(eventIdShape.exec(query.after ?? "")?.[1] ?? 0),
    limit: Number(query.limit ?? limitMax),
    name: query.event,
    orgId: query.organization_id,
  });
  const data = rows.map(eventView);
  return c.json({ data, list_metadata: { after: data.at(-1)?.id ?? query.after ?? null } });
}

/** In the shape of the platform's feed. */
function eventView(row: EventRow) {
  const [actorType = "", actorId] = row.actor.split(/:(.*)/s);
  return {
    id: `evt_${row.position}`,
    event: row.name,
    created_at: row.at.toISOString(),
    data: {
      project_id: row.projectId,
      organization_id: row.orgId,
      user_id: actorType === "user" ? (actorId ?? null) : null,
      actor_type: actorType === "user" ? "user" : actorType === "operator" ? "api_key" : "system",
      actor_id: actorId ?? null,
      target_type: row.connectionId === null ? "ms_provision" : "sso_connection",
      target_id: row.connectionId ?? row.requestId,
      metadata: metadataOf(row),
    },
  };
}

/** What of an audit row others may know: no text of a person's, no one's object id. */
const shownDetails = ["code", "kind", "created"];

function metadataOf({ detail, requestId }: EventRow): Record<string, unknown> {
  const shown = Object.entries(detail).filter(([name]) => shownDetails.includes(name));
  return { ...Object.fromEntries(shown), ...(requestId === null ? {} : { provision_id: requestId }) };
}
