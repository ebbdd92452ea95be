import { requireCurrentRun } from "../db/provision-requests/run.ts";
import type { ProvisionActivities } from "../domain/provision-activities.ts";
import { storageContext, transitContext } from "../sealing/contexts.ts";
import { open, seal } from "../sealing/envelope.ts";
import type { ActivityDeps } from "./deps.ts";

/** Opens the transit envelope in memory and seals the secret for storage. Can be repeated for hours without minting. */
export function sealSecret({ database, keyring }: ActivityDeps): ProvisionActivities["sealSecret"] {
  return async ({
    requestId,
    generation,
    appObjectId,
    appId,
    transitSecret,
    secretKeyId,
    secretExpiresAt,
  }) => {
    const request = await requireCurrentRun(database, { requestId, generation });
    const { entraTenantId } = request;
    const secret = open(
      keyring,
      "transit",
      transitContext({ requestId, generation, entraTenantId, appObjectId, secretKeyId }),
      transitSecret,
    );
    return {
      sealedSecret: seal(keyring, "sso-secret", storageContext({ ...request, appId, secretKeyId }), secret),
      secretKeyId,
      secretExpiresAt,
    };
  };
}
