/** Where the endpoints are, under the sso origin. */
export const oidcPaths = {
  authorize: "/v1/auth/authorize",
  token: "/v1/auth/token",
  userinfo: "/v1/auth/userinfo",
  endSession: "/v1/auth/end-session",
  keys: "/v1/auth/.well-known/jwks.json",
} as const;
