import type { Context } from "hono";
import { CodedError } from "../../domain/coded-error.ts";
import { cancel } from "../../operations/cancel.ts";
import type { AppEnv } from "../app-env.ts";
import type { ApiDeps } from "../deps.ts";
import { requestView, requireRequest } from "./provision-status.ts";
import { requireOrgSession } from "./require-session.ts";

/**
 * `POST /v1/session/orgs/{orgId}/ms-provision/{id}/cancel`: an owner or admin stops an attempt of the organization,
 * whoever started it. Its state is burned, its run is stopped and undone. 202 with the request's view; the same call
 * again is `already_final`.
 */
export async function cancelOwnProvision(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const session = await requireOrgSession(c, deps, "admin");
  const { id, orgId, kind } = await requireRequest(deps, c.req.param("id"));
  // A renewal is nobody's click.
  if (orgId !== session.orgId || kind !== "connect") throw new CodedError("not_found");
  const { request } = await cancel({ ctx: deps, input: { id, by: { kind: "user", id: session.userId } } });
  deps.log.info("provision cancelled by its organization", { request_id: id, org_id: orgId });
  return c.json(await requestView(deps, request), 202);
}
