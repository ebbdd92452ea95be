import type { Context } from "hono";
import { oneConnectionView } from "./connection-view.ts";
import { connectionViewSchema } from "./connection.schema.ts";
import type { AppEnv } from "../app-env.ts";
import { organizationConnectionPath } from "../contract/fields.ts";
import { answer, describeRoute } from "../contract/route.ts";
import type { ApiDeps } from "../deps.ts";
import { requireConnectionOf } from "./require-connection.ts";
import { requireOrgSession } from "./require-session.ts";

export const connectionRoute = describeRoute({
  methods: ["get"],
  path: "/v1/session/orgs/{orgId}/sso-connections/{id}",
  servedBy: "management",
  operationId: "getConnection",
  tag: "Connections",
  summary: "One connection",
  caller: "member",
  parameters: organizationConnectionPath,
  answers: { 200: { description: "Its facts, without its secret.", schema: connectionViewSchema } },
  refusals: ["not_found"],
  refusesBy: { kind: "problem" },
});

/** `GET /v1/session/orgs/{orgId}/sso-connections/{id}` */
export async function oneConnection(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const session = await requireOrgSession(c, deps, "member");
  const connection = await requireConnectionOf(deps, session, c.req.param("id"));
  return answer(c, connectionRoute, 200, await oneConnectionView(deps, connection));
}
