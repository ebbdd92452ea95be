import type { EntraTenantId } from "./ids.ts";

/**
 * What the whole installation knows of its own credential at Microsoft: open once it was refused, so that nobody else
 * calls with it. Its adapter is `db/credential-breaker.ts`.
 */
export interface CredentialBreaker {
  /** Call before the credential is sent. @throws {CodedError} provisioning_credential_refused while it is open */
  requireClosed(): Promise<void>;
  /** Opens it, and for another window where it is open. */
  refused(tenantId: EntraTenantId): Promise<void>;
  /**
   * The one try of a window, or of a secret that is not the refused one: where to make it. Undefined where it is
   * closed, or not this caller's turn.
   */
  claimTry(): Promise<EntraTenantId | undefined>;
  /** Closes it: what waits begins. @returns false where it was closed */
  close(): Promise<boolean>;
}
