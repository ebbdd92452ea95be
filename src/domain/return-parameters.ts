/** Query parameters of the return URL that are ours: a caller's own URL may not bring them, however it spells them. */
export const returnParameters = ["ok", "connection", "error", "request", "ms_confirm"] as const;
export type ReturnParameter = (typeof returnParameters)[number];

/** True when the query names one of them, as any reader of `application/x-www-form-urlencoded` would decode it. */
export function hasReturnParameter(url: URL): boolean {
  return returnParameters.some((name) => url.searchParams.has(name));
}
