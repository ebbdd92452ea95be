import { Context } from "@temporalio/activity";
import { requireCurrentRun } from "../db/provision-requests/run.ts";
import type { ProvisionActivities } from "../domain/provision-activities.ts";
import { requestAppToken } from "../entra/app-token.ts";
import { storageContext } from "../sealing/contexts.ts";
import { open } from "../sealing/envelope.ts";
import type { ActivityDeps } from "./deps.ts";

/** Opens what will be stored and has Microsoft accept it, so that "connected" is never said of a dead secret. */
export function proveSecret({
  database,
  keyring,
  cloud,
  timeoutMs,
}: ActivityDeps): ProvisionActivities["proveSecret"] {
  return async ({ requestId, generation, appId, sealedSecret, secretKeyId }) => {
    const request = await requireCurrentRun(database, { requestId, generation });
    const clientSecret = open(
      keyring,
      "sso-secret",
      storageContext({ ...request, appId, secretKeyId }),
      sealedSecret,
    );
    await requestAppToken({
      cloud,
      tenantId: request.entraTenantId,
      clientId: appId,
      clientSecret,
      newSecret: true,
      timeoutMs,
      signal: Context.current().cancellationSignal,
    });
    return { provedAt: new Date().toISOString() };
  };
}
