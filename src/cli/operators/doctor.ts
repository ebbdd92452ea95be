import { loadWorkerConfig } from "../../config/load-config.ts";
import { openDatabase } from "../../db/client.ts";
import { listRequests } from "../../db/provision-requests/find-request.ts";
import { openTemporalClient } from "../temporal-client.ts";
import { createProvisionRuns } from "../temporal-runs.ts";
import type { Shell } from "./tools.ts";

/** Each check with what to do about it; exit code 1 when one fails. */
export async function doctor({ environment, print }: Shell): Promise<number> {
  const config = loadWorkerConfig(environment);
  const database = openDatabase(config.database, { poolMax: 1 });
  const client = openTemporalClient(config);
  const checks: [string, () => Promise<unknown>, string][] = [
    ["Postgres answers", () => database.ping(), "check DATABASE_URL and that the server runs"],
    ["Schema is there", () => listRequests(database, { limit: 1 }), "run: npm run migrate"],
    [
      "Temporal answers",
      () => createProvisionRuns(client).ping(),
      "check TEMPORAL_ADDRESS and that the server runs",
    ],
    [
      "Microsoft's login host answers",
      async () => {
        const { ok } = await fetch(
          `${config.cloud.loginOrigin}/organizations/v2.0/.well-known/openid-configuration`,
          { signal: AbortSignal.timeout(5000) },
        );
        if (!ok) throw new TypeError("refused");
      },
      "check the network and AUTHIO_MS_CLOUD",
    ],
    [
      "Provisioning app is configured",
      async () =>
        config.provisioning.kind === "configured"
          ? undefined
          : Promise.reject(new TypeError("not configured")),
      "set AUTHIO_MS_PROVISION_CLIENT_ID and AUTHIO_MS_PROVISION_CLIENT_SECRET",
    ],
  ];
  let failed = 0;
  for (const [what, check, fix] of checks) {
    const ok = await check().then(
      () => true,
      () => false,
    );
    if (!ok) failed += 1;
    print(ok ? `ok    ${what}` : `FAIL  ${what}: ${fix}`);
  }
  await Promise.allSettled([client.connection.close(), database.close()]);
  return failed === 0 ? 0 : 1;
}
