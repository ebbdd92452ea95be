import type { AppClientId } from "../domain/ids.ts";

/** Microsoft Graph's own client id, in every directory. */
export const graphAppId = "00000003-0000-0000-c000-000000000000" as AppClientId;
/** Its delegated scopes that sign-in needs. */
export const signInScopeIds = {
  openid: "37f7f235-527c-4136-accd-4a02d197296e",
  profile: "14dad69e-099b-42c9-810b-d002981feec1",
  email: "64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0",
} as const;
