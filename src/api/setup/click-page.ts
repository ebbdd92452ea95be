import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { setupAnswerPage, type SetupEnd, setupEndPage } from "../../dashboard/setup-pages.ts";
import { factsOf } from "../../domain/error-codes.ts";
import type { ProvisionRequest } from "../../domain/provision-request.ts";
import { setupClickUrl, type SetupLink, setupPaths } from "../../domain/setup-link.ts";
import type { AppEnv } from "../app-env.ts";
import { consentCodes } from "../browser/told-codes.ts";
import { provisionPath } from "../contract/fields.ts";
import { describeRoute } from "../contract/route.ts";
import type { ApiDeps } from "../deps.ts";
import { isAllowedReturnUrl } from "../return-url.ts";
import { askerOf, hideFromRobots, requireConsent, requireOwnClick } from "./require-link.ts";

export const setupClickRoute = describeRoute({
  methods: ["get"],
  path: setupPaths.click,
  servedBy: "sso",
  operationId: "showSetupClick",
  tag: "Setup links",
  summary: "Where the administrator answers, and sees what became of it",
  description: "For the browser that pressed. What was refused answers with the code's own status.",
  caller: "browser",
  parameters: provisionPath,
  answers: {
    200: { description: "A question, or how it stands.", contentTypes: ["text/html"] },
  },
  refusals: [
    ...consentCodes,
    "setup_links_off",
    "not_found",
    "setup_link_revoked",
    "setup_proof_expired",
    "operation_in_progress",
    "cancelled_by_organization",
    "cancelled_by_operator",
  ],
  refusesBy: { kind: "page", clean: false, json: false },
});

/** `GET /v1/sso/setup/{id}` @throws {CodedError} not_found, setup_links_off, ms_provision_not_configured */
export async function showSetupClick(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  hideFromRobots(c);
  const { link, click } = await requireOwnClick(c, deps, requireConsent(deps));
  const onUrl = goOnUrl(deps, link, click);
  if (click.status === "unconfirmed" && click.expiresAt > new Date())
    return c.html(
      setupAnswerPage({
        ...askerOf(deps, link),
        action: setupClickUrl(deps.config.ssoOrigin, click.id),
        isApproved: click.approvedAt !== null,
        account: click.administrator ?? undefined,
        tenantId: click.entraTenantId,
        onUrl,
      }),
    );
  const end = endOf(click);
  const status = end.kind === "failed" ? factsOf(end.failure.code).httpStatus : 200;
  return c.html(setupEndPage(end, onUrl), status as ContentfulStatusCode);
}

function endOf(click: ProvisionRequest): SetupEnd {
  switch (click.status) {
    case "proved":
    case "provisioning":
    case "superseded":
      return { kind: "confirmed", how: "under" };
    case "succeeded":
      return { kind: "confirmed", how: "live" };
    case "issued":
    case "consented":
    case "unconfirmed":
      return click.expiresAt > new Date() ? { kind: "pending" } : failed(click, "request_expired");
    case "failed":
      // After the owner's confirmation, why is theirs to see.
      if (click.operationId !== null) return { kind: "confirmed", how: "failed" };
      return failed(click, "cancelled_by_organization");
    case "denied":
      return click.errorCode === "setup_link_not_mine"
        ? { kind: "refused" }
        : failed(click, "consent_declined");
    case "refused":
    case "expired":
      return failed(click, "request_expired");
    default:
      return click satisfies never;
  }
}

function failed(
  { id, errorCode, errorMicrosoft, completedAt }: ProvisionRequest,
  otherwise: "request_expired" | "cancelled_by_organization" | "consent_declined",
): SetupEnd {
  return {
    kind: "failed",
    failure: {
      code: errorCode ?? otherwise,
      reference: id,
      microsoft: errorMicrosoft,
      at: completedAt ?? new Date(),
    },
  };
}

/** The allow-list of now counts. */
function goOnUrl({ config }: ApiDeps, link: SetupLink, click: ProvisionRequest): string | undefined {
  const wanted = click.approvedAt === null ? link.returnUrl : (link.successUrl ?? link.returnUrl);
  return wanted !== null && isAllowedReturnUrl(wanted, config.returnHosts) ? wanted : undefined;
}
