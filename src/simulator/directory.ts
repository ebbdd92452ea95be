import { createHash, randomBytes, randomUUID } from "node:crypto";

/** The state of the simulated cloud, in memory. Plain data, so that tests can look at all of it. */
export interface SimulatedUser {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly guest: boolean;
  /** Directory-role template ids. */
  readonly roles: readonly string[];
  /** Why Microsoft never lets this user in. */
  readonly refusal?: { readonly aadsts: number; readonly text: string };
}

/** A consent to the sign-in scopes; `principalId` null is for all users. */
export interface SimulatedGrant {
  readonly id: string;
  readonly principalId: string | null;
  scope: string;
}

export interface SimulatedCredential {
  readonly keyId: string;
  readonly displayName: string | null;
  /** Known until the simulator stops; afterwards only the hash is, as with the real one. */
  readonly secretText: string | null;
  readonly secretHash: string;
  readonly hint: string;
  readonly startDateTime: string;
  readonly endDateTime: string;
  readonly createdMs: number;
}

/** An identity of another provider that may act as the application. */
export interface SimulatedFederation {
  readonly id: string;
  readonly name: string;
  readonly issuer: string;
  readonly subject: string;
  readonly audiences: readonly string[];
}

export interface SimulatedApplication {
  readonly id: string;
  readonly appId: string;
  readonly createdMs: number;
  readonly createdByAppId: string;
  /** Another one once the enterprise application was deleted and made anew. */
  servicePrincipalId: string;
  servicePrincipalMadeMs: number;
  servicePrincipalDeletedMs: number | null;
  servicePrincipalTags: readonly string[];
  /** What it holds itself, beside what the application holds. */
  servicePrincipalCredentials: SimulatedCredential[];
  servicePrincipalKeys: unknown[];
  /** An administrator switched sign-in off for the enterprise application. */
  disabled: boolean;
  appRoleAssignmentRequired: boolean;
  deletedMs: number | null;
  /** Everything a PATCH may set, as Graph names it. */
  properties: Record<string, unknown>;
  credentials: SimulatedCredential[];
  federated: SimulatedFederation[];
  grants: SimulatedGrant[];
}

export interface SimulatedTenant {
  readonly id: string;
  readonly name: string;
  readonly users: SimulatedUser[];
  readonly applications: SimulatedApplication[];
  /** Microsoft Graph's own service principal there. */
  readonly graphPrincipalId: string;
  /** The provisioning app's service principal there, while it is consented to; another one after each removal. */
  ownPrincipalId: string;
  /** When the provisioning app was consented to, or null. */
  consentedMs: number | null;
  /** Verified domains, where they are others than the first user's. */
  domains?: readonly string[];
}

/** The domains that lead to the tenant. */
export function domainsOf({ domains, users }: SimulatedTenant): readonly string[] {
  return domains ?? users.slice(0, 1).map(({ email }) => email.replace(/^.*@/, ""));
}

/** The provisioning app's service principal is gone, and the consent with it; the next one makes another. */
export function withdrawConsent(tenant: SimulatedTenant): void {
  tenant.consentedMs = null;
  tenant.ownPrincipalId = randomUUID();
}

export const globalAdministrator = "62e90394-69f5-4237-9190-012177145e10";
export const customTemplateId = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621";

/** A tenant with a Global Administrator, a plain member and a guest who administers nothing here. */
export function newTenant(name: string, id: string = randomUUID()): SimulatedTenant {
  const domain = `${name.toLowerCase().replaceAll(/\W+/g, "")}.example`;
  const user = (first: string, guest: boolean, roles: string[]): SimulatedUser => ({
    id: randomUUID(),
    name: first,
    email: `${first.toLowerCase().split(" ")[0]}@${domain}`,
    guest,
    roles,
  });
  return {
    id,
    name,
    users: [
      user("Ada Admin", false, [globalAdministrator]),
      user("Max Member", false, []),
      user("Gina Guest", true, [globalAdministrator]),
      {
        ...user("Paula Policy", false, []),
        refusal: { aadsts: 53_003, text: "Access has been blocked by Conditional Access policies." },
      },
      {
        ...user("Oscar Outside", false, []),
        refusal: { aadsts: 50_020, text: "User account does not exist in tenant and cannot be used." },
      },
    ],
    applications: [],
    graphPrincipalId: randomUUID(),
    ownPrincipalId: randomUUID(),
    consentedMs: null,
  };
}

/** What instantiating the custom template leaves behind. */
export function newApplication(displayName: string, createdByAppId: string): SimulatedApplication {
  return {
    id: randomUUID(),
    appId: randomUUID(),
    createdMs: Date.now(),
    createdByAppId,
    servicePrincipalId: randomUUID(),
    servicePrincipalMadeMs: Date.now(),
    servicePrincipalDeletedMs: null,
    servicePrincipalTags: ["WindowsAzureActiveDirectoryIntegratedApp"],
    servicePrincipalCredentials: [],
    servicePrincipalKeys: [],
    disabled: false,
    appRoleAssignmentRequired: true,
    deletedMs: null,
    properties: {
      displayName,
      applicationTemplateId: customTemplateId,
      signInAudience: "AzureADMyOrg",
      groupMembershipClaims: null,
      optionalClaims: null,
      requiredResourceAccess: [],
      tags: [],
      notes: null,
      keyCredentials: [],
      web: {
        redirectUris: [],
        implicitGrantSettings: { enableIdTokenIssuance: false, enableAccessTokenIssuance: false },
      },
    },
    credentials: [],
    federated: [],
    grants: [],
  };
}

/** What an administrator's deletion of the enterprise application takes with it; the registration stays. */
export function deleteEnterpriseApplication(application: SimulatedApplication): void {
  application.servicePrincipalDeletedMs = Date.now();
  application.grants = [];
}

export const isAdministrator = (user: SimulatedUser): boolean => user.roles.length > 0 && !user.guest;

export function grantFor(principalId: string | null): SimulatedGrant {
  return { id: randomUUID(), principalId, scope: "openid profile email" };
}

export function hasConsent(application: SimulatedApplication, user: SimulatedUser): boolean {
  return application.grants.some(({ principalId }) => principalId === null || principalId === user.id);
}

export const secretHashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

/** How each simulated secret begins, so that one search finds any of them where it must not be. */
export const simulatedSecretPrefix = "sim8Q~simulated.";

export function newCredential(displayName: string | null, endDateTime: string): SimulatedCredential {
  const secretText = `${simulatedSecretPrefix}${randomBytes(18).toString("base64url")}`;
  return {
    keyId: randomUUID(),
    displayName,
    secretText,
    secretHash: secretHashOf(secretText),
    hint: secretText.slice(0, 3),
    startDateTime: graphTime(new Date()),
    endDateTime: graphTime(new Date(endDateTime)),
    createdMs: Date.now(),
  };
}

/** Graph shows seven fractional digits for credentials. */
export function graphTime(time: Date): string {
  return time.toISOString().replace("Z", "0000Z");
}
