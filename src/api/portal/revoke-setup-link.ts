import type { Context } from "hono";
import { revokeSetupLink } from "../../db/setup-links/revoke-link.ts";
import type { AppEnv } from "../app-env.ts";
import { setupLinkPath } from "../contract/fields.ts";
import { answer, describeRoute } from "../contract/route.ts";
import type { ApiDeps } from "../deps.ts";
import { requireLinkOf, requirePortalSession } from "./require-setup-links.ts";
import { setupLinkSchema } from "./setup-link.schema.ts";
import { setupLinkView } from "./setup-link-view.ts";

export const revokeSetupLinkRoute = describeRoute({
  methods: ["delete"],
  path: "/v1/portal/setup-links/{id}",
  servedBy: "management",
  operationId: "revokeSetupLink",
  tag: "Setup links",
  summary: "Withdraw a link",
  description: "Whoever made it. What is open through it ends; the same call again changes nothing.",
  caller: "admin",
  parameters: setupLinkPath,
  answers: { 200: { description: "The link as it is now.", schema: setupLinkSchema } },
  refusals: ["setup_links_off", "not_found", "setup_link_confirmed"],
  refusesBy: { kind: "problem" },
});

/** `DELETE /v1/portal/setup-links/{id}` */
export async function withdrawSetupLink(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const session = await requirePortalSession(c, deps);
  const { link } = await requireLinkOf(deps, session, c.req.param("id"));
  await revokeSetupLink(deps.database, link.id, `user:${session.userId}`);
  deps.log.info("setup link revoked", { setup_link: link.id, org_id: session.orgId });
  const now = await requireLinkOf(deps, session, link.id);
  return answer(c, revokeSetupLinkRoute, 200, await setupLinkView(deps, now));
}
