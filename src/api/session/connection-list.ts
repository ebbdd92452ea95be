import type { Context } from "hono";
import { z } from "zod";
import { listConnectionsAfter } from "../../db/sso-connections.ts";
import { connectionViews } from "./connection-view.ts";
import { connectionListSchema } from "./connection.schema.ts";
import type { AppEnv } from "../app-env.ts";
import { organizationPath } from "../contract/fields.ts";
import { answer, describeRoute } from "../contract/route.ts";
import type { ApiDeps } from "../deps.ts";
import { pageOf, pageQuery } from "../paging.ts";
import { readQuery } from "../read-input.ts";
import { requireOrgSession } from "./require-session.ts";

const pageSchema = z.strictObject(pageQuery);

export const connectionListRoute = describeRoute({
  methods: ["get"],
  path: "/v1/session/orgs/{orgId}/sso-connections",
  servedBy: "management",
  operationId: "listConnections",
  tag: "Connections",
  summary: "The organization's connections",
  caller: "member",
  parameters: organizationPath,
  query: pageSchema,
  answers: { 200: { description: "Each with its facts, without its secret.", schema: connectionListSchema } },
  refusals: [],
  refusesBy: { kind: "problem" },
});

/** `GET /v1/session/orgs/{orgId}/sso-connections`, oldest first. */
export async function connectionList(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const session = await requireOrgSession(c, deps, "member");
  const { limit, after } = readQuery(c, pageSchema);
  const found = await listConnectionsAfter(deps.database, session, { limit: limit + 1, after });
  const { rows, ...rest } = pageOf(found, limit);
  return answer(c, connectionListRoute, 200, {
    data: await connectionViews(deps, rows),
    ...rest,
  });
}
