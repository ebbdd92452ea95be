import { completeRun } from "../db/connection-operations/end-run.ts";
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
    const completed = await completeRun(database, run, (operation) => {
      const ids = applicationOf(operation);
      if (!isVouchedFor(keyring, { ...operation, ...ids, ...stored }, { sealMac, proofMac }))
        throw new CodedError("internal", "no step of this run vouches for the secret");
      return {
        ...ids,
        ...stored,
        issuer: issuerOf(cloud, operation.entraTenantId),
        redirectUri: redirectUriOf(ssoOrigin, operation.connectionId),
      };
    });
    const { connectionId, kind, adopted, credentialAttempt } = completed;
    return { connectionId, mayLeaveCredentials: kind === "renew" || adopted || credentialAttempt > 1 };
  };
}
