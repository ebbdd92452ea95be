import type { Context } from "hono";
import { z } from "zod";
import { CodedError } from "../../domain/coded-error.ts";
import { cleanDisplay } from "../../domain/text.ts";
import { changeAccess } from "../../operations/change-access.ts";
import { changeConnection } from "../../operations/change-connection.ts";
import type { AppEnv } from "../app-env.ts";
import type { ApiDeps } from "../deps.ts";
import { organizationConnectionPath } from "../contract/fields.ts";
import { answer, describeRoute } from "../contract/route.ts";
import { readBody } from "../read-input.ts";
import { begunView, oneConnectionView } from "./connection-view.ts";
import { begunSchema, connectionViewSchema } from "./connection.schema.ts";
import { requireConnectionOf } from "./require-connection.ts";
import { requireOrgSession } from "./require-session.ts";

const nameUnitsMax = 120;
const bodySchema = z
  .strictObject({
    status: z.enum(["active", "suspended"]).optional(),
    display_name: z
      .string()
      .nullable()
      .optional()
      .meta({ description: "Null or empty: the provider's name again." }),
    access: z
      .enum(["everyone", "assigned"])
      .optional()
      .meta({ description: "Whom Microsoft lets sign in; changed there first." }),
  })
  .meta({ minProperties: 1 });

export const changeConnectionRoute = describeRoute({
  methods: ["patch"],
  path: "/v1/session/orgs/{orgId}/sso-connections/{id}",
  servedBy: "management",
  operationId: "changeConnection",
  tag: "Connections",
  summary: "Suspend, resume or rename a connection, or change who may sign in",
  description:
    "Status and name are changed at once; the same call again changes nothing. `access` is an operation, also where the connection says that choice already, for Microsoft may have another; what else the body names is so at once then too. A body that names nothing is refused.",
  caller: "admin",
  parameters: organizationConnectionPath,
  body: { schema: bodySchema, isRequired: true },
  answers: {
    200: { description: "The connection as it is now.", schema: connectionViewSchema },
    202: { description: "`access` is being changed at Microsoft.", schema: begunSchema },
  },
  refusals: ["not_found", "connection_disconnected", "switched_off_by_operator", "operation_in_progress"],
  refusesBy: { kind: "problem" },
});

/**
 * `PATCH /v1/session/orgs/{orgId}/sso-connections/{id}`: an owner or admin suspends, resumes or renames a connection: 200
 * at once with its view, also when it was so before. With `access` 202 with the operation that changes it.
 * @throws {CodedError} not_found, invalid_request, connection_disconnected, switched_off_by_operator, operation_in_progress
 */
export async function patchConnection(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const session = await requireOrgSession(c, deps, "admin");
  const { id } = await requireConnectionOf(deps, session, c.req.param("id"));
  const body = await readBody(c, bodySchema);
  if (Object.keys(body).length === 0)
    throw new CodedError("invalid_request", undefined, {
      errors: [{ path: "", reason: "names nothing to change" }],
    });
  const displayName =
    body.display_name === undefined ? undefined : cleanDisplay(body.display_name ?? "", nameUnitsMax) || null;
  const change = { status: body.status, displayName };
  const by = { actor: `user:${session.userId}`, owner: session } as const;
  if (body.access !== undefined) {
    const { ssoOrigin } = deps.config;
    const input = { ...by, id, access: body.access, change, ssoOrigin };
    const { operation } = await changeAccess({ ctx: deps, input });
    deps.log.info("access is being changed", { connection_id: id, org_id: session.orgId });
    return answer(c, changeConnectionRoute, 202, { operation: begunView(operation) });
  }
  const connection = await changeConnection({ ctx: deps, input: { id, change, by } });
  deps.log.info("connection changed", {
    connection_id: id,
    org_id: session.orgId,
    status: connection.status,
  });
  return answer(c, changeConnectionRoute, 200, await oneConnectionView(deps, connection));
}
