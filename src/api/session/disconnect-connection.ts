import type { Context } from "hono";
import { disconnect } from "../../operations/disconnect.ts";
import type { AppEnv } from "../app-env.ts";
import { organizationConnectionPath } from "../contract/fields.ts";
import { answer, describeRoute } from "../contract/route.ts";
import type { ApiDeps } from "../deps.ts";
import { begunSchema } from "./connection.schema.ts";
import { begunView } from "./connection-view.ts";
import { requireConnectionOf } from "./require-connection.ts";
import { requireOrgSession } from "./require-session.ts";

export const disconnectConnectionRoute = describeRoute({
  methods: ["delete"],
  path: "/v1/session/orgs/{orgId}/sso-connections/{id}",
  servedBy: "management",
  operationId: "disconnectConnection",
  tag: "Connections",
  summary: "Disconnect a connection",
  description:
    "From now on it signs nobody in. Application and credentials are then removed at Microsoft, where the application can be restored for 30 days.",
  caller: "admin",
  parameters: organizationConnectionPath,
  answers: { 202: { description: "It is disconnected; the rest is under way.", schema: begunSchema } },
  refusals: ["not_found"],
  refusesBy: { kind: "problem" },
});

/**
 * `DELETE /v1/session/orgs/{orgId}/sso-connections/{id}`: 202 with the operation that removes what is at Microsoft. A
 * second call finds the same operation.
 */
export async function disconnectConnection(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const session = await requireOrgSession(c, deps, "admin");
  const { id } = await requireConnectionOf(deps, session, c.req.param("id"));
  const actor = `user:${session.userId}` as const;
  const { ssoOrigin } = deps.config;
  const { operation } = await disconnect({ ctx: deps, input: { id, actor, owner: session, ssoOrigin } });
  deps.log.info("connection disconnected", { connection_id: id, org_id: session.orgId });
  return answer(c, disconnectConnectionRoute, 202, { operation: begunView(operation) });
}
