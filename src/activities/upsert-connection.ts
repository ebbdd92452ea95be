import { completeRun } from "../db/provision-requests/run.ts";
import { issuerOf } from "../domain/clouds.ts";
import { CodedError } from "../domain/coded-error.ts";
import { redirectUriOf } from "../domain/sso-connection.ts";
import { isVouchedFor } from "../sealing/step-macs.ts";
import type { ActivityDeps } from "./deps.ts";
import { applicationOf, type Step } from "./fence.ts";

/**
 * Everything that goes into the connection is of the row or computed; of the input only the sealed secret, for which
 * `sealSecret` and `proveSecret` of this very run must vouch.
 */
export function upsertConnection({
  database,
  keyring,
  cloud,
  ssoOrigin,
}: ActivityDeps): Step<"upsertConnection"> {
  return async ({ sealedSecret, secretKeyId, secretExpiresAt, sealMac, proofMac }, run) => {
    const stored = { sealedSecret, secretKeyId, secretExpiresAt };
    const { connectionId } = await completeRun(database, run, (request) => {
      const ids = applicationOf(request);
      if (!isVouchedFor(keyring, { ...request, ...ids, ...stored }, { sealMac, proofMac }))
        throw new CodedError("internal", "no step of this run vouches for the secret");
      return {
        ...ids,
        ...stored,
        issuer: issuerOf(cloud, request.entraTenantId),
        redirectUri: redirectUriOf(ssoOrigin, request.connectionId),
      };
    });
    return { connectionId };
  };
}
