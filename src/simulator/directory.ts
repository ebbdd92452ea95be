import { randomBytes, randomUUID } from "node:crypto";

/** The state of the simulated cloud, in memory. Plain data, so that tests can look at all of it. */
export interface SimulatedUser {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly guest: boolean;
  /** Directory-role template ids. */
  readonly roles: readonly string[];
}

export interface SimulatedCredential {
  readonly keyId: string;
  readonly displayName: string | null;
  readonly secretText: string;
  readonly startDateTime: string;
  readonly endDateTime: string;
  readonly createdMs: number;
}

export interface SimulatedApplication {
  readonly id: string;
  readonly appId: string;
  readonly createdMs: number;
  readonly createdByAppId: string;
  readonly servicePrincipalId: string;
  appRoleAssignmentRequired: boolean;
  deletedMs: number | null;
  /** Everything a PATCH may set, as Graph names it. */
  properties: Record<string, unknown>;
  credentials: SimulatedCredential[];
}

export interface SimulatedTenant {
  readonly id: string;
  readonly name: string;
  readonly users: SimulatedUser[];
  readonly applications: SimulatedApplication[];
  /** When the provisioning app was consented to, or null. */
  consentedMs: number | null;
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
    ],
    applications: [],
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
      web: {
        redirectUris: [],
        implicitGrantSettings: { enableIdTokenIssuance: false, enableAccessTokenIssuance: false },
      },
    },
    credentials: [],
  };
}

export function newCredential(displayName: string | null, endDateTime: string): SimulatedCredential {
  return {
    keyId: randomUUID(),
    displayName,
    secretText: `sim8Q~${randomBytes(25).toString("base64url")}`,
    startDateTime: graphTime(new Date()),
    endDateTime: graphTime(new Date(endDateTime)),
    createdMs: Date.now(),
  };
}

/** Graph shows seven fractional digits for credentials. */
export function graphTime(time: Date): string {
  return time.toISOString().replace("Z", "0000Z");
}
