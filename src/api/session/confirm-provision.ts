import type { Context } from "hono";
import { z } from "zod";
import { hashOf } from "../../db/hash-of.ts";
import { confirmRequest } from "../../db/provision-requests/proof.ts";
import { findRequest } from "../../db/provision-requests/find-request.ts";
import type { AppEnv } from "../app-env.ts";
import type { ApiDeps } from "../deps.ts";
import { organizationProvisionPath } from "../contract/fields.ts";
import { answer, describeRoute } from "../contract/route.ts";
import { drive } from "../../operations/drive.ts";
import { readBody } from "../read-input.ts";
import { requireRequestOf } from "./require-work.ts";
import { requestView } from "./work-progress.ts";
import { provisionViewSchema } from "./provision.schema.ts";
import { requireOrgSession } from "./require-session.ts";

const bodySchema = z.strictObject({ ms_confirm: z.string().min(1).max(128) });

export const confirmProvisionRoute = describeRoute({
  methods: ["post"],
  path: "/v1/session/orgs/{orgId}/ms-provision/{id}/confirm",
  servedBy: "management",
  operationId: "confirmProvision",
  tag: "Connect",
  summary: "Vouch for the browser that came back",
  description:
    "Confirm binding only: `ms_confirm` of the return address, with the session of the person who started. The same call again is harmless.",
  caller: "admin",
  parameters: organizationProvisionPath,
  body: { schema: bodySchema, isRequired: true },
  answers: { 202: { description: "The work begins.", schema: provisionViewSchema } },
  refusals: [
    "not_found",
    "not_the_starter",
    "confirmation_invalid",
    "not_confirmable",
    "request_expired",
    "directory_differs",
    "another_directory",
    "connection_suspended",
    "connection_disconnected",
    "access_released",
  ],
  refusesBy: { kind: "problem" },
});

/**
 * `POST /v1/session/orgs/{orgId}/ms-provision/{id}/confirm`, body `{ms_confirm}`: the starter's session vouches for the
 * browser that came back. 202 with the request's view; the same call again gives its view of that moment.
 */
export async function confirmProvision(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const session = await requireOrgSession(c, deps, "admin");
  const { id } = await requireRequestOf(deps, session, c.req.param("id"));
  const body = await readBody(c, bodySchema);
  const confirmed = await confirmRequest(deps.database, id, {
    confirmHash: hashOf(body.ms_confirm),
    userId: session.userId,
  });
  if (confirmed.status === "proved") await drive({ ctx: deps, input: { request: confirmed } });
  const now = (await findRequest(deps.database, id)) ?? confirmed;
  return answer(c, confirmProvisionRoute, 202, await requestView(deps, now));
}
