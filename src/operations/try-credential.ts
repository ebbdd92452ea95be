import { CodedError } from "../domain/coded-error.ts";
import type { CredentialBreaker } from "../domain/credential-breaker.ts";
import type { EntraTenantId } from "../domain/ids.ts";
import type { Logger } from "../domain/logger.ts";
import { isOwnCredentialRefused } from "../entra/own-credential.ts";

/**
 * While our own credential counts as refused: tries it, once a window for the whole installation and at once when the
 * secret was replaced. What Microsoft says of anything else means that it was taken. Repeat, or while all is well:
 * nothing is sent.
 */
export async function tryCredential({
  ctx,
}: {
  ctx: {
    readonly breaker: CredentialBreaker;
    /** A token for a tenant, asked of Microsoft. */
    readonly requestToken: (tenantId: EntraTenantId) => Promise<unknown>;
    /** Where it is tried instead of where it was refused. */
    readonly homeTenantId: EntraTenantId | undefined;
    readonly log: Logger;
  };
}): Promise<void> {
  const { breaker, requestToken, homeTenantId, log } = ctx;
  const claimed = await breaker.claimTry();
  if (claimed === undefined) return;
  const tenantId = homeTenantId ?? claimed;
  try {
    await requestToken(tenantId);
  } catch (error) {
    if (isOwnCredentialRefused(error)) {
      await breaker.refused(tenantId);
      log.warn("Microsoft still refuses the provisioning credential; what needs it waits", {
        code: "provisioning_credential_refused",
      });
      return;
    }
    if (!(error instanceof CodedError) || passing.includes(error.code)) return;
  }
  if (await breaker.close())
    log.info("Microsoft takes the provisioning credential again; what waited begins");
}

/** Says nothing of the credential. */
const passing: readonly string[] = ["microsoft_unavailable", "microsoft_throttled", "service_unavailable"];
