import { parseArgs } from "node:util";
import { openDatabase } from "../db/client.ts";
import { findRequest, listRequests } from "../db/provision-requests/find-request.ts";
import { retryRequest } from "../db/provision-requests/retry-request.ts";
import { loadServiceConfig, loadWorkerConfig } from "../config/load-config.ts";
import { CodedError } from "../domain/coded-error.ts";
import { type ProvisionRequest, requestStatuses } from "../domain/provision-request.ts";
import { provisionRequestIdSchema } from "../domain/ids.schema.ts";
import type { ProvisionRequestId } from "../domain/ids.ts";
import { factsOf } from "../domain/error-codes.ts";
import { openTemporalClient } from "./temporal-client.ts";
import { createProvisionRuns } from "./temporal-runs.ts";

const usage = `Usage: npm run ms-provision -- <command>

  doctor                               checks configuration, Postgres, Temporal and Microsoft
  list [--org ORG] [--status STATUS]   the newest 50 requests
  show ID                              one request with its steps and what to do
  retry ID --reason TEXT [--access everyone|assigned] [--secret-lifetime-days N]`;

/** The operators' commands. Returns the exit code. */
export async function msProvision(args: readonly string[], print: (line: string) => void): Promise<number> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      org: { type: "string" },
      status: { type: "string" },
      reason: { type: "string" },
      access: { type: "string" },
      "secret-lifetime-days": { type: "string" },
    },
  });
  const [command, id] = positionals;
  if (command === "doctor") return doctor(print);
  if (command === undefined || !["list", "show", "retry"].includes(command)) {
    print(usage);
    return 2;
  }
  const config = loadServiceConfig(process.env);
  const database = openDatabase(config.databaseUrl, { poolMax: 1 });
  const client = openTemporalClient(config);
  const runs = createProvisionRuns(client);
  try {
    if (command === "list") {
      const status = requestStatuses.find((known) => known === values.status);
      for (const request of await listRequests(database, { orgId: values.org, status, limit: 50 }))
        print(lineOf(request));
      return 0;
    }
    const request = await findRequest(database, requireId(id));
    if (!request) throw new CodedError("not_found", id);
    if (command === "show") {
      print(lineOf(request));
      for (const step of await runs.steps(request).catch(() => []))
        print(
          `  ${step.name.padEnd(24)} ${step.state.padEnd(9)} attempts ${step.attempts} ${step.note ?? ""}`,
        );
      if (request.errorCode)
        print(`  ${factsOf(request.errorCode).title}. ${factsOf(request.errorCode).action}`);
      if (request.cleanup === "needs_operator")
        print(
          `  Left in tenant ${request.entraTenantId}: application object ${request.appObjectId ?? "unknown"}`,
        );
      return 0;
    }
    if (!values.reason) throw new TypeError("retry needs --reason");
    if (values.access !== undefined && values.access !== "everyone" && values.access !== "assigned")
      throw new TypeError("--access is everyone or assigned");
    const days = values["secret-lifetime-days"];
    const retried = await retryRequest(database, request.id, {
      operator: process.env["USER"] ?? "cli",
      reason: values.reason,
      access: values.access,
      secretLifetimeDays: days === undefined ? undefined : Number(days),
    });
    await runs.start(retried);
    print(`${retried.id} is being retried, generation ${retried.generation}`);
    return 0;
  } catch (error) {
    if (!(error instanceof CodedError) && !(error instanceof TypeError)) throw error;
    print(
      error instanceof CodedError
        ? `${error.code}: ${error.message}. ${factsOf(error.code).action}`
        : error.message,
    );
    return 1;
  } finally {
    await Promise.allSettled([client.connection.close(), database.close()]);
  }
}

function requireId(id: string | undefined): ProvisionRequestId {
  const parsed = provisionRequestIdSchema.safeParse(id);
  if (!parsed.success) throw new TypeError("give a request id, mspr_…");
  return parsed.data;
}

function lineOf(request: ProvisionRequest): string {
  const outcome = request.errorCode ?? request.connectionId ?? "";
  return `${request.id}  ${request.status.padEnd(12)} ${request.orgId}  cleanup ${request.cleanup}  generation ${request.generation}  ${request.createdAt.toISOString()}  ${outcome}`;
}

/** Each check with what to do about it; exit code 1 when one fails. */
async function doctor(print: (line: string) => void): Promise<number> {
  const config = loadWorkerConfig(process.env);
  const database = openDatabase(config.databaseUrl, { poolMax: 1 });
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
