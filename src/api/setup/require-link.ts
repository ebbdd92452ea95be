import type { Context } from "hono";
import { hashOf } from "../../db/hash-of.ts";
import { findClickOfLink, findSetupLinkByToken, type LinkAndClick } from "../../db/setup-links/find-link.ts";
import { requireOpen } from "../../db/setup-links/require-open.ts";
import type { SetupAsker } from "../../dashboard/setup-pages.ts";
import { CodedError } from "../../domain/coded-error.ts";
import { provisionRequestIdSchema } from "../../domain/ids.schema.ts";
import type { SetupLinkId } from "../../domain/ids.ts";
import type { ProvisionRequest } from "../../domain/provision-request.ts";
import type { SetupLink } from "../../domain/setup-link.ts";
import type { AppEnv } from "../app-env.ts";
import { isSameBrowser } from "../browser/browser-binding.ts";
import type { ApiDeps } from "../deps.ts";

const tokenShape = /^[\w-]{43}$/;
type Consent = NonNullable<ApiDeps["consent"]>;

/** Not in search results, whoever finds the address. */
export function hideFromRobots(c: Context<AppEnv>): void {
  c.header("x-robots-tag", "noindex, nofollow");
}

/** @throws {CodedError} setup_links_off, ms_provision_not_configured */
export function requireConsent({ config, consent }: ApiDeps): Consent {
  if (!config.setupLinks) throw new CodedError("setup_links_off");
  if (!consent) throw new CodedError("ms_provision_not_configured");
  return consent;
}

/** @throws {CodedError} setup_link_unknown, setup_link_revoked, setup_link_expired, setup_link_confirmed */
export async function requireLinkOfToken(
  { database }: ApiDeps,
  token: string | undefined,
): Promise<LinkAndClick> {
  const found =
    token !== undefined && tokenShape.test(token)
      ? await findSetupLinkByToken(database, hashOf(token))
      : undefined;
  requireOpen(found?.link);
  if (!found) throw new CodedError("setup_link_unknown");
  return found;
}

/** For the browser that pressed; for every other there is nothing here. @throws {CodedError} not_found */
export async function requireOwnClick(
  c: Context<AppEnv>,
  { database }: ApiDeps,
  { browserKeys }: Consent,
): Promise<{ readonly link: SetupLink; readonly click: ProvisionRequest & { setupLinkId: SetupLinkId } }> {
  const id = provisionRequestIdSchema.safeParse(c.req.param("id"));
  const found = id.success ? await findClickOfLink(database, id.data) : undefined;
  if (!found || !isSameBrowser(c, browserKeys, found.click)) throw new CodedError("not_found");
  return { link: found.link, click: { ...found.click, setupLinkId: found.link.id } };
}

export function askerOf({ config }: ApiDeps, link: SetupLink): SetupAsker {
  return {
    organization: link.orgName ?? link.orgId,
    requester: link.requester ?? link.createdBy,
    ssoHost: new URL(config.ssoOrigin).host,
    dashboardHost: new URL(config.dashboardUrl).host,
  };
}
