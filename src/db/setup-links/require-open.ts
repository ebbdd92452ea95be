import { CodedError } from "../../domain/coded-error.ts";
import type { SetupLink } from "../../domain/setup-link.ts";

/** @throws {CodedError} setup_link_unknown, setup_link_revoked, setup_link_confirmed, setup_link_expired */
export function requireOpen(link: SetupLink | undefined): SetupLink {
  if (!link) throw new CodedError("setup_link_unknown");
  if (link.status === "revoked") throw new CodedError("setup_link_revoked");
  if (link.status === "confirmed") throw new CodedError("setup_link_confirmed");
  if (link.expiresAt <= new Date()) throw new CodedError("setup_link_expired");
  return link;
}
