import type { Context } from "hono";
import { z } from "zod";
import { confirmRequest } from "../../db/provision-requests/proof.ts";
import { findRequest } from "../../db/provision-requests/find-request.ts";
import { CodedError } from "../../domain/coded-error.ts";
import { hashOf } from "../browser/browser-binding.ts";
import type { AppEnv } from "../app-env.ts";
import type { ApiDeps } from "../deps.ts";
import { drive } from "../../operations/drive.ts";
import { readBody } from "../read-input.ts";
import { requestView, requireRequest } from "./provision-status.ts";
import { requireOrgSession } from "./require-session.ts";

const bodySchema = z.strictObject({ ms_confirm: z.string().min(1).max(128) });

/**
 * `POST /v1/session/orgs/{orgId}/ms-provision/{id}/confirm`, body `{ms_confirm}`: the starter's session vouches for the
 * browser that came back. 202 with the request's view; the same call again gives its view of that moment.
 */
export async function confirmProvision(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const session = await requireOrgSession(c, deps, "admin");
  const { id, orgId } = await requireRequest(deps, c.req.param("id"));
  if (orgId !== session.orgId) throw new CodedError("not_found");
  const body = await readBody(c, bodySchema);
  const confirmed = await confirmRequest(deps.database, id, {
    confirmHash: hashOf(body.ms_confirm),
    userId: session.userId,
  });
  if (confirmed.status === "proved") await drive({ ctx: deps, input: { request: confirmed } });
  return c.json(await requestView(deps, (await findRequest(deps.database, id)) ?? confirmed), 202);
}
