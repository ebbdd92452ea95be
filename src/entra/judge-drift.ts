import type { AttentionCode } from "../domain/attention.ts";
import type { SsoConnection } from "../domain/sso-connection.ts";
import { signInClaims } from "./desired-application.ts";
import type { InspectedApplication, InspectedPrincipal, InspectedSecret } from "./inspection.schema.ts";

/** What a look saw of one connection's application. */
export interface ApplicationSnapshot {
  /** Undefined: gone, by id and by list. */
  readonly application: InspectedApplication | undefined;
  readonly principal: InspectedPrincipal | undefined;
  /** Names of identities elsewhere that may act as the application. We add none. Undefined: we may not see them. */
  readonly federated: readonly string[] | undefined;
  /** Whether users are consented for, all of them; undefined where our permission does not read it. */
  readonly isConsentedForAll: boolean | undefined;
}

type Expected = Pick<SsoConnection, "redirectUri" | "secretKeyId" | "access">;

/** What is not as the connection left it, in the order of the table. Pure. */
export function judgeDrift(
  { application, principal, federated = [], isConsentedForAll }: ApplicationSnapshot,
  expected: Expected,
  now: Date = new Date(),
): AttentionCode[] {
  if (!application) return ["application_missing"];
  const keyIds = application.passwordCredentials.map(({ keyId }) => keyId);
  const isForeign = ({ keyId, endDateTime }: InspectedSecret): boolean =>
    keyId !== expected.secretKeyId && (endDateTime == null || new Date(endDateTime) > now);
  const found: readonly (readonly [AttentionCode, boolean])[] = [
    ["service_principal_missing", principal === undefined],
    ["application_disabled", isDisabled(application) || (principal !== undefined && isDisabled(principal))],
    ["redirect_uri_changed", redirectUrisOf(application).join(" ") !== expected.redirectUri],
    ["claims_changed", !hasClaims(application)],
    ["credential_missing", !keyIds.includes(expected.secretKeyId)],
    [
      "credential_foreign",
      federated.length > 0 || [application, principal].some((one) => secretsOf(one).some(isForeign)),
    ],
    [
      "assignment_changed",
      principal?.appRoleAssignmentRequired != null &&
        principal.appRoleAssignmentRequired !== (expected.access === "assigned"),
    ],
    ["users_consent_missing", principal !== undefined && isConsentedForAll === false],
  ];
  return found.flatMap(([code, isSo]) => (isSo ? [code] : []));
}

function isDisabled(one: InspectedApplication | InspectedPrincipal): boolean {
  const byMicrosoft = one.disabledByMicrosoftStatus ?? "NotDisabled";
  const byAdministrator = "accountEnabled" in one && one.accountEnabled === false;
  return byAdministrator || one.isDisabled === true || !["NotDisabled", "None"].includes(byMicrosoft);
}

/** Wherever an address may be registered that Microsoft sends a code to. */
function redirectUrisOf({ web, spa, publicClient }: InspectedApplication): string[] {
  return [web, spa, publicClient].flatMap((platform) => platform?.redirectUris ?? []);
}

/** Ours must be there; more do no harm. Groups may be narrowed to assigned ones, where a directory has many. */
function hasClaims({ optionalClaims, groupMembershipClaims }: InspectedApplication): boolean {
  const present = (optionalClaims?.idToken ?? []).map(({ name }) => name);
  const groups = (groupMembershipClaims ?? "").split(",").map((one) => one.trim());
  return (
    signInClaims.every((name) => present.includes(name)) &&
    groups.some((one) => ["SecurityGroup", "ApplicationGroup", "All"].includes(one))
  );
}

const secretsOf = (one: InspectedApplication | InspectedPrincipal | undefined): InspectedSecret[] => [
  ...(one?.passwordCredentials ?? []),
  ...(one?.keyCredentials ?? []),
];
