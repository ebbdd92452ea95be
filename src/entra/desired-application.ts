import { graphAppId, signInScopeIds } from "./sign-in-scopes.ts";

/** The optional claims of each id_token. */
export const signInClaims = ["groups", "email", "xms_edov", "auth_time", "acct"] as const;

export interface DesiredApplication {
  readonly displayName: string;
  readonly redirectUri: string;
  /** Where the tile in My Apps leads. */
  readonly homePageUrl: string;
  readonly tags: readonly string[];
  readonly notes: string;
}

/** The body of the PATCH. Collections are replaced whole by Graph, so each is sent whole. */
export function applicationBody(desired: DesiredApplication): object {
  const claim = (name: string) => ({ name, source: null, essential: false, additionalProperties: [] });
  return {
    displayName: desired.displayName,
    signInAudience: "AzureADMyOrg",
    web: {
      homePageUrl: desired.homePageUrl,
      redirectUris: [desired.redirectUri],
      implicitGrantSettings: { enableIdTokenIssuance: false, enableAccessTokenIssuance: false },
    },
    groupMembershipClaims: "SecurityGroup",
    optionalClaims: {
      idToken: signInClaims.map(claim),
      accessToken: [],
      saml2Token: [],
    },
    requiredResourceAccess: [
      {
        resourceAppId: graphAppId,
        resourceAccess: Object.values(signInScopeIds).map((id) => ({ id, type: "Scope" })),
      },
    ],
    tags: desired.tags,
    notes: desired.notes,
  };
}
