import type { Context } from "hono";
import { z } from "zod";
import { setupLinkPage } from "../../dashboard/setup-pages.ts";
import { CodedError } from "../../domain/coded-error.ts";
import { setupClickUrl, setupPaths } from "../../domain/setup-link.ts";
import type { AppEnv } from "../app-env.ts";
import { isSameBrowser } from "../browser/browser-binding.ts";
import { describeRoute } from "../contract/route.ts";
import type { ApiDeps } from "../deps.ts";
import { isAllowedReturnUrl } from "../return-url.ts";
import { linkCodes } from "./link-codes.ts";
import { askerOf, hideFromRobots, requireConsent, requireLinkOfToken } from "./require-link.ts";

export const setupLinkPageRoute = describeRoute({
  methods: ["get"],
  path: setupPaths.link,
  servedBy: "sso",
  operationId: "openSetupLink",
  tag: "Setup links",
  summary: "What a link opens",
  description:
    "Changes nothing, however often it is opened: mail scanners and previews do. The button on it is a form post.",
  caller: "browser",
  query: z.object({ token: z.string().optional() }),
  answers: {
    200: { description: "Who asks, and what would be created.", contentTypes: ["text/html"] },
    303: {
      description: "This browser has proved a directory with it.",
      headers: { Location: "Where its administrator approves." },
    },
  },
  refusals: linkCodes,
  refusesBy: { kind: "page", clean: false, json: false },
});

/** `GET /v1/sso/setup?token=…` */
export async function openSetupLink(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  hideFromRobots(c);
  const { browserKeys } = requireConsent(deps);
  const token = c.req.query("token");
  const { link, click } = await requireLinkOfToken(deps, token);
  if (click && !isSameBrowser(c, browserKeys, click)) throw new CodedError("setup_link_in_use");
  if (click?.status === "unconfirmed") return c.redirect(setupClickUrl(deps.config.ssoOrigin, click.id), 303);
  const { returnUrl } = link;
  return c.html(
    setupLinkPage({
      ...askerOf(deps, link),
      action: setupPaths.link,
      token: token ?? "",
      backUrl:
        returnUrl !== null && isAllowedReturnUrl(returnUrl, deps.config.returnHosts) ? returnUrl : undefined,
    }),
  );
}
