import { Context } from "@temporalio/activity";
import { requireCurrentRun } from "../db/connection-operations/fence.ts";
import { requestAppToken } from "../entra/app-token.ts";
import { transitContext } from "../sealing/contexts.ts";
import { open } from "../sealing/envelope.ts";
import { proofMacOf } from "../sealing/step-macs.ts";
import type { ActivityDeps } from "./deps.ts";
import { applicationOf, type Step } from "./fence.ts";

/**
 * Opens the minted secret and has Microsoft accept it, so that "connected" is never said of a dead secret. The envelope is
 * bound to run, application and key id, and for these the step vouches; `sealSecret` stores the secret of the same one.
 */
export function proveSecret(deps: ActivityDeps): Step<"proveSecret"> {
  const { database, keyring, keyWrapping, telemetry, cloud, timeoutMs } = deps;
  return async ({ transitSecret, secretKeyId, secretExpiresAt }, run) => {
    const operation = await requireCurrentRun(database, run);
    const { appObjectId, appId } = applicationOf(operation);
    const { entraTenantId } = operation;
    const clientSecret = await open(
      keyWrapping,
      "transit",
      transitContext({ ...run, entraTenantId, appObjectId, secretKeyId, secretExpiresAt }),
      transitSecret,
    );
    await requestAppToken({
      telemetry,
      cloud,
      tenantId: entraTenantId,
      clientId: appId,
      clientSecret,
      newSecret: true,
      timeoutMs,
      signal: Context.current().cancellationSignal,
    });
    const proofMac = proofMacOf(keyring, { ...operation, appObjectId, appId, secretKeyId });
    return { provedAt: new Date().toISOString(), proofMac };
  };
}
