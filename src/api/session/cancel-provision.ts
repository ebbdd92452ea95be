import type { Context } from "hono";
import { cancel } from "../../operations/cancel.ts";
import type { AppEnv } from "../app-env.ts";
import { organizationProvisionPath } from "../contract/fields.ts";
import { answer, describeRoute } from "../contract/route.ts";
import type { ApiDeps } from "../deps.ts";
import { requireRequestOf } from "./require-work.ts";
import { requestView } from "./work-progress.ts";
import { provisionViewSchema } from "./provision.schema.ts";
import { requireOrgSession } from "./require-session.ts";

export const cancelOwnProvisionRoute = describeRoute({
  methods: ["post"],
  path: "/v1/session/orgs/{orgId}/ms-provision/{id}/cancel",
  servedBy: "management",
  operationId: "cancelProvision",
  tag: "Connect",
  summary: "End an attempt of the organization",
  description: "Whoever started it. What a run had made at Microsoft is removed.",
  caller: "admin",
  parameters: organizationProvisionPath,
  answers: {
    202: { description: "It has ended; its run is stopped and undone.", schema: provisionViewSchema },
  },
  refusals: ["not_found", "already_final"],
  refusesBy: { kind: "problem" },
});

/**
 * `POST /v1/session/orgs/{orgId}/ms-provision/{id}/cancel`: an owner or admin stops an attempt of the organization,
 * whoever started it. Its state is burned, its run is stopped and undone. 202 with the request's view; the same call
 * again is `already_final`.
 */
export async function cancelOwnProvision(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const session = await requireOrgSession(c, deps, "admin");
  const { id, orgId } = await requireRequestOf(deps, session, c.req.param("id"));
  const { work } = await cancel({ ctx: deps, input: { id, by: { kind: "user", id: session.userId } } });
  deps.log.info("provision cancelled by its organization", { request_id: id, org_id: orgId });
  const request = work.request ?? (await requireRequestOf(deps, session, id));
  return answer(c, cancelOwnProvisionRoute, 202, await requestView(deps, request));
}
