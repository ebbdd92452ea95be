import { Context } from "@temporalio/activity";
import { requireCurrentRun } from "../db/provision-requests/run.ts";
import { requestAppToken } from "../entra/app-token.ts";
import { storageContext } from "../sealing/contexts.ts";
import { open } from "../sealing/envelope.ts";
import { proofMacOf } from "../sealing/step-macs.ts";
import type { ActivityDeps } from "./deps.ts";
import { applicationOf, type Step } from "./fence.ts";

/** Opens what will be stored and has Microsoft accept it, so that "connected" is never said of a dead secret. */
export function proveSecret(deps: ActivityDeps): Step<"proveSecret"> {
  const { database, keyring, keyWrapping, telemetry, cloud, timeoutMs } = deps;
  return async ({ sealedSecret, secretKeyId }, run) => {
    const request = await requireCurrentRun(database, run);
    const { appObjectId, appId } = applicationOf(request);
    const clientSecret = await open(
      keyWrapping,
      "sso-secret",
      storageContext({ ...request, appId, secretKeyId }),
      sealedSecret,
    );
    await requestAppToken({
      telemetry,
      cloud,
      tenantId: request.entraTenantId,
      clientId: appId,
      clientSecret,
      newSecret: true,
      timeoutMs,
      signal: Context.current().cancellationSignal,
    });
    const proofMac = proofMacOf(keyring, { ...request, appObjectId, appId, secretKeyId });
    return { provedAt: new Date().toISOString(), proofMac };
  };
}
