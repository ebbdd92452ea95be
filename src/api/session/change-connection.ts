import type { Context } from "hono";
import { z } from "zod";
import { CodedError } from "../../domain/coded-error.ts";
import { cleanDisplay } from "../../domain/text.ts";
import { changeConnection } from "../../operations/change-connection.ts";
import type { AppEnv } from "../app-env.ts";
import type { ApiDeps } from "../deps.ts";
import { readBody } from "../read-input.ts";
import { connectionView } from "./connection-view.ts";
import { requireConnectionOf } from "./provision-status.ts";
import { requireOrgSession } from "./require-session.ts";

const nameUnitsMax = 120;
const bodySchema = z.strictObject({
  status: z.enum(["active", "suspended"]).optional(),
  /** Null or empty: the provider's name again. */
  display_name: z.string().nullable().optional(),
});

/**
 * `PATCH /v1/session/orgs/{orgId}/sso-connections/{id}`: an owner or admin suspends, resumes or renames a connection. 200
 * at once with its view, also when it was so before.
 * @throws {CodedError} not_found, invalid_request, connection_disconnected
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
  const connection = await changeConnection({
    ctx: deps,
    input: {
      id,
      change: { status: body.status, displayName },
      by: { actor: `user:${session.userId}`, owner: session },
    },
  });
  deps.log.info("connection changed", {
    connection_id: id,
    org_id: session.orgId,
    status: connection.status,
  });
  return c.json(connectionView(deps.config.ssoOrigin, connection));
}
