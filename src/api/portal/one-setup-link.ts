import type { Context } from "hono";
import type { AppEnv } from "../app-env.ts";
import { setupLinkPath } from "../contract/fields.ts";
import { answer, describeRoute } from "../contract/route.ts";
import type { ApiDeps } from "../deps.ts";
import { requireLinkOf, requirePortalSession } from "./require-setup-links.ts";
import { setupLinkSchema } from "./setup-link.schema.ts";
import { setupLinkView } from "./setup-link-view.ts";

export const setupLinkRoute = describeRoute({
  methods: ["get"],
  path: "/v1/portal/setup-links/{id}",
  servedBy: "management",
  operationId: "getSetupLink",
  tag: "Setup links",
  summary: "One link",
  caller: "admin",
  parameters: setupLinkPath,
  answers: { 200: { description: "How far it is.", schema: setupLinkSchema } },
  refusals: ["setup_links_off", "not_found"],
  refusesBy: { kind: "problem" },
});

/** `GET /v1/portal/setup-links/{id}` */
export async function oneSetupLink(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const session = await requirePortalSession(c, deps);
  const found = await requireLinkOf(deps, session, c.req.param("id"));
  return answer(c, setupLinkRoute, 200, await setupLinkView(deps, found));
}
