import { requireCurrentRun } from "../db/provision-requests/run.ts";
import { storageContext, transitContext } from "../sealing/contexts.ts";
import { open, seal } from "../sealing/envelope.ts";
import { sealMacOf } from "../sealing/step-macs.ts";
import type { ActivityDeps } from "./deps.ts";
import { applicationOf, type Step } from "./fence.ts";

/** Opens the transit envelope in memory and seals the secret for storage. Can be repeated for hours without minting. */
export function sealSecret({ database, keyring, keyWrapping }: ActivityDeps): Step<"sealSecret"> {
  return async ({ transitSecret, secretKeyId, secretExpiresAt }, run) => {
    const request = await requireCurrentRun(database, run);
    const { appObjectId, appId } = applicationOf(request);
    const { entraTenantId } = request;
    const secret = await open(
      keyWrapping,
      "transit",
      transitContext({ ...run, entraTenantId, appObjectId, secretKeyId, secretExpiresAt }),
      transitSecret,
    );
    const context = storageContext({ ...request, appId, secretKeyId });
    const sealedSecret = await seal(keyWrapping, "sso-secret", context, secret);
    const stored = { sealedSecret, secretKeyId, secretExpiresAt };
    return { ...stored, sealMac: sealMacOf(keyring, { ...request, appObjectId, appId, ...stored }) };
  };
}
