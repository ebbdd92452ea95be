import type { Context } from "hono";
import { z } from "zod";
import { listEvents, placeEvents } from "../../db/events.ts";
import { feedEntry } from "../../domain/event-view.ts";
import { eventNames } from "../../domain/events.ts";
import { opaqueIdSchema } from "../../domain/ids.schema.ts";
import type { AppEnv } from "../app-env.ts";
import { answer, describeRoute } from "../contract/route.ts";
import type { ApiDeps } from "../deps.ts";
import { readQuery } from "../read-input.ts";
import { eventIdShape, eventSchema } from "./event.schema.ts";
import { requireOperator } from "./provisions.ts";

const limitMax = 100;
const querySchema = z.strictObject({
  event: z.enum(eventNames).optional(),
  organization_id: opaqueIdSchema.optional(),
  after: z.string().regex(eventIdShape, { error: "must be the id of an event" }).optional(),
  limit: z
    .string()
    .regex(/^(?:[1-9]\d?|100)$/, { error: `must be a number from 1 to ${limitMax}` })
    .optional(),
});

export const eventFeedRoute = describeRoute({
  methods: ["get"],
  path: "/v1/events",
  servedBy: "management",
  operationId: "listEvents",
  tag: "Operators",
  summary: "What happened, oldest first after a cursor",
  caller: "operator",
  query: querySchema,
  answers: {
    200: {
      description: "Read on from `list_metadata.after`.",
      schema: z.object({
        data: z.array(eventSchema),
        list_metadata: z.object({ after: z.string().nullable() }),
      }),
    },
  },
  refusals: [],
  refusesBy: { kind: "problem" },
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
  const data = rows.map(feedEntry);
  const after = data.at(-1)?.id ?? query.after ?? null;
  return answer(c, eventFeedRoute, 200, { data, list_metadata: { after } });
}
