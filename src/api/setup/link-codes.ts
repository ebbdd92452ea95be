import type { ErrorCode } from "../../domain/error-codes.ts";

/** What a link can be refused for, opened or pressed. */
export const linkCodes: readonly ErrorCode[] = [
  "setup_links_off",
  "ms_provision_not_configured",
  "setup_link_unknown",
  "setup_link_expired",
  "setup_link_revoked",
  "setup_link_confirmed",
  "setup_link_in_use",
];
