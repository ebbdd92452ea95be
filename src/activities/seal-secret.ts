import { requireCurrentRun } from "../db/connection-operations/fence.ts";
import { CodedError } from "../domain/coded-error.ts";
import { storageContext, transitContext } from "../sealing/contexts.ts";
import { open, seal } from "../sealing/envelope.ts";
import { sealMacOf } from "../sealing/step-macs.ts";
import type { ActivityDeps } from "./deps.ts";
import { applicationOf, type Step } from "./fence.ts";

/** Opens the transit envelope in memory and seals the secret for storage. Can be repeated for hours without minting. */
export function sealSecret({ database, keyring, keyWrapping }: ActivityDeps): Step<"sealSecret"> {
  return async ({ transitSecret, secretKeyId, secretExpiresAt }, run) => {
    const operation = await requireCurrentRun(database, run);
    const { appObjectId, appId } = applicationOf(operation);
    const { entraTenantId } = operation;
    const secret = await open(
      keyWrapping,
      "transit",
      transitContext({ ...run, entraTenantId, appObjectId, secretKeyId, secretExpiresAt }),
      transitSecret,
    );
    const context = storageContext({ ...operation, appId, secretKeyId });
    const sealedSecret = await seal(keyWrapping, "sso-secret", context, secret);
    // What was proved beside this is the secret that opens again, or nothing is stored.
    const reopened = await open(keyWrapping, "sso-secret", context, sealedSecret);
    if (reopened.reveal() !== secret.reveal()) throw new CodedError("internal", "a seal that does not open");
    const stored = { sealedSecret, secretKeyId, secretExpiresAt };
    return { ...stored, sealMac: sealMacOf(keyring, { ...operation, appObjectId, appId, ...stored }) };
  };
}
