import type { AccessChoice } from "./connection-operation.ts";
import type {
  ConnectionId,
  EntraTenantId,
  OrgId,
  ProjectId,
  ProvisionRequestId,
  SetupLinkId,
} from "./ids.ts";

/** A link that lets a tenant's administrator approve without an account with us. Times are `Date`s in UTC. */
export interface SetupLink {
  readonly id: SetupLinkId;
  readonly ssoOrigin: string;
  readonly projectId: ProjectId;
  readonly orgId: OrgId;
  readonly orgName: string | null;
  readonly createdBy: string;
  /** Name and e-mail address of the session that made it, as the administrator is shown them. */
  readonly requester: string | null;
  readonly status: "open" | "confirmed" | "revoked";
  /** Where the administrator may go on from our page. */
  readonly returnUrl: string | null;
  readonly successUrl: string | null;
  /** Whom the owner means to send it to; nothing is sent by us. */
  readonly contactEmails: readonly string[];
  /** The directory that the owner expects, by one of its domains. */
  readonly domain: string | null;
  readonly access: AccessChoice | null;
  readonly wantedConnectionId: ConnectionId | null;
  readonly additional: boolean;
  /** A proof that was confirmed too late reopened it for this directory and no other. */
  readonly pinnedTenantId: EntraTenantId | null;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly endedAt: Date | null;
  readonly confirmedRequestId: ProvisionRequestId | null;
}

/** In minutes. */
export const setupLinkLifetime = { least: 5, usual: 7 * 24 * 60, most: 7 * 24 * 60 } as const;
/** Links of one organization that may be open at a time. */
export const openSetupLinksMax = 20;
/** Clicks that one link may lead to. */
export const pressesPerLinkMax = 50;
/** Older proofs are not confirmed: the link opens again, for the directory of that proof. */
export const setupProofLifetimeMs = 60 * 60_000;

/** Where the administrator's part stands on the sso origin. */
export const setupPaths = { link: "/v1/sso/setup", click: "/v1/sso/setup/{id}" } as const;

/** The address to hand over. The token stands in the query, which no log of ours keeps. */
export function setupLinkUrl(ssoOrigin: string, token: string): string {
  return `${ssoOrigin}${setupPaths.link}?token=${token}`;
}

/** The page of one click through a link, for the browser that pressed. */
export function setupClickUrl(ssoOrigin: string, id: ProvisionRequestId): string {
  return ssoOrigin + setupPaths.click.replace("{id}", id);
}
