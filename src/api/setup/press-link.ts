import type { Context } from "hono";
import { z } from "zod";
import { hashOf } from "../../db/hash-of.ts";
import { pressSetupLink } from "../../db/setup-links/press-link.ts";
import { setupPaths } from "../../domain/setup-link.ts";
import { buildConsentUrl } from "../../entra/consent-url.ts";
import type { AppEnv } from "../app-env.ts";
import { bindPresser, isSameBrowser, newToken } from "../browser/browser-binding.ts";
import { describeRoute } from "../contract/route.ts";
import type { ApiDeps } from "../deps.ts";
import { linkCodes } from "./link-codes.ts";
import { hideFromRobots, requireConsent, requireLinkOfToken } from "./require-link.ts";
import { readOwnForm } from "./setup-form.ts";

const formSchema = z.strictObject({ token: z.string() });

export const pressSetupLinkRoute = describeRoute({
  methods: ["post"],
  path: setupPaths.link,
  servedBy: "sso",
  operationId: "pressSetupLink",
  tag: "Setup links",
  summary: "The button of a link",
  description:
    "Only from the link's own page. The answer plants a cookie of its own: consent and proof go on in this browser and in no other. One press at a time; the same browser may press again.",
  caller: "browser",
  body: { schema: formSchema, isRequired: true, contentType: "application/x-www-form-urlencoded" },
  answers: { 303: { description: "On to Microsoft.", headers: { Location: "Microsoft's consent page." } } },
  refusals: [...linkCodes, "cross_site_refused", "setup_link_worn_out"],
  refusesBy: { kind: "page", clean: false, json: false },
});

/** `POST /v1/sso/setup` */
export async function pressLink(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  hideFromRobots(c);
  const { browserKeys, proof } = requireConsent(deps);
  const { token } = await readOwnForm(c, deps, formSchema);
  const { link } = await requireLinkOfToken(deps, token);
  const state = newToken();
  const press = {
    stateHash: hashOf(state),
    isSameBrowser: (browserHash: string | null) =>
      isSameBrowser(c, browserKeys, { binding: "setup_link", browserHash }),
    browserHash: bindPresser(c, browserKeys),
  };
  // In a line of its own: whoever has the link must not keep the organization from its button.
  const click = await deps.admission.enter(link.id, () => pressSetupLink(deps.database, link.id, press));
  deps.log.info("setup link pressed", { setup_link: link.id, request_id: click.id, org_id: link.orgId });
  return c.redirect(buildConsentUrl({ ...proof, state }), 303);
}
