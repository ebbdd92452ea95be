import type { Context } from "hono";
import { z } from "zod";
import { answerClick } from "../../db/setup-links/answer-click.ts";
import { setupClickUrl, setupPaths } from "../../domain/setup-link.ts";
import type { AppEnv } from "../app-env.ts";
import { provisionPath } from "../contract/fields.ts";
import { describeRoute } from "../contract/route.ts";
import type { ApiDeps } from "../deps.ts";
import { hideFromRobots, requireConsent, requireOwnClick } from "./require-link.ts";
import { readOwnForm } from "./setup-form.ts";

const formSchema = z.strictObject({ answer: z.enum(["approve", "refuse"]) });

export const answerSetupRoute = describeRoute({
  methods: ["post"],
  path: setupPaths.click,
  servedBy: "sso",
  operationId: "answerSetupLink",
  tag: "Setup links",
  summary: "The administrator approves, or says that it is not theirs",
  description:
    "Only from the page of the browser that pressed. `refuse` holds also after `approve`, until an owner or admin confirmed; the link is open again then.",
  caller: "browser",
  parameters: provisionPath,
  body: { schema: formSchema, isRequired: true, contentType: "application/x-www-form-urlencoded" },
  answers: { 303: { description: "Back to the page.", headers: { Location: "The same address." } } },
  refusals: [
    "setup_links_off",
    "ms_provision_not_configured",
    "not_found",
    "cross_site_refused",
    "setup_link_expired",
    "setup_link_revoked",
    "setup_link_confirmed",
    "setup_answer_too_late",
  ],
  refusesBy: { kind: "page", clean: false, json: false },
});

/** `POST /v1/sso/setup/{id}` */
export async function answerSetup(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  hideFromRobots(c);
  const { click } = await requireOwnClick(c, deps, requireConsent(deps));
  const { answer } = await readOwnForm(c, deps, formSchema);
  await answerClick(deps.database, click, answer);
  deps.log.info("setup link answered", { request_id: click.id, setup_link: click.setupLinkId, answer });
  return c.redirect(setupClickUrl(deps.config.ssoOrigin, click.id), 303);
}
