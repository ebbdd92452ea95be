import type { Context } from "hono";
import { restore } from "../../operations/restore.ts";
import type { AppEnv } from "../app-env.ts";
import { organizationConnectionPath } from "../contract/fields.ts";
import { answer, describeRoute } from "../contract/route.ts";
import type { ApiDeps } from "../deps.ts";
import { begunSchema } from "./connection.schema.ts";
import { begunView } from "./connection-view.ts";
import { requireConnectionOf } from "./require-connection.ts";
import { requireOrgSession } from "./require-session.ts";

/** Whoever asks for it. */
export const restoring = {
  answers: {
    202: { description: "It is under way; the connection is active once it has ended.", schema: begunSchema },
  },
  refusals: [
    "not_found",
    "not_disconnected",
    "access_released",
    "newer_connection_exists",
    "operation_in_progress",
    "restore_window_over",
  ],
} as const;

export const restoreConnectionRoute = describeRoute({
  methods: ["post"],
  path: "/v1/session/orgs/{orgId}/sso-connections/{id}/restore",
  servedBy: "management",
  operationId: "restoreConnection",
  tag: "Connections",
  summary: "Restore a disconnected connection",
  description:
    "Within 30 days: the same application, connection and identities of people, with a new secret.",
  caller: "admin",
  parameters: organizationConnectionPath,
  ...restoring,
  refusals: [...restoring.refusals, "switched_off_by_operator"],
  refusesBy: { kind: "problem" },
});

/**
 * `POST /v1/session/orgs/{orgId}/sso-connections/{id}/restore`: 202 with the operation. A second call while it is under
 * way finds the same one.
 */
export async function restoreConnection(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const session = await requireOrgSession(c, deps, "admin");
  const { id } = await requireConnectionOf(deps, session, c.req.param("id"));
  const actor = `user:${session.userId}` as const;
  const { ssoOrigin } = deps.config;
  const { operation } = await restore({ ctx: deps, input: { id, actor, owner: session, ssoOrigin } });
  deps.log.info("connection is being restored", { connection_id: id, org_id: session.orgId });
  return answer(c, restoreConnectionRoute, 202, { operation: begunView(operation) });
}
