import type { WorkerConfig } from "../../config/config.ts";
import { readAuditProtection } from "../../db/audit-protection.ts";
import type { Database } from "../../db/client.ts";
import { adviceFor } from "../../db/database-advice.ts";
import { DatabaseError } from "../../db/database-error.ts";
import { readDatabaseReadiness } from "../../db/readiness.ts";
import type { ProvisionRuns } from "../../domain/provision-runs.ts";

/** `warn` is for what works and should not stay. */
export type Finding =
  | { readonly status: "ok" }
  | { readonly status: "warn" | "fail"; readonly detail: string; readonly fix: string };

export interface Check {
  readonly name: string;
  run(): Promise<Finding>;
}

const ok: Finding = { status: "ok" };
const fail = (detail: string, fix: string): Finding => ({ status: "fail", detail, fix });
const warn = (detail: string, fix: string): Finding => ({ status: "warn", detail, fix });

/** What `doctor` looks at, in the order in which it must be set right. */
export function checksOf(config: WorkerConfig, database: Database, runs: ProvisionRuns): readonly Check[] {
  return [
    { name: "Postgres", run: () => checkPostgres(database) },
    { name: "Audit trail", run: () => checkAudit(database) },
    { name: "Temporal", run: () => checkTemporal(runs) },
    { name: "Microsoft's login host", run: () => checkLoginHost(config.cloud.loginOrigin) },
    {
      name: "Provisioning app",
      run: async () =>
        config.provisioning.kind === "configured"
          ? ok
          : fail(
              "is not configured",
              "set AUTHIO_MS_PROVISION_CLIENT_ID and AUTHIO_MS_PROVISION_CLIENT_SECRET",
            ),
    },
  ];
}

async function checkPostgres(database: Database): Promise<Finding> {
  switch (await readDatabaseReadiness(database)) {
    case "ready":
      break;
    case "read_only":
      return fail("takes no writes", "have DATABASE_URL lead to the primary");
    case "not_migrated":
      return fail(
        "has no tables where this role looks",
        "run npm run migrate, or name the schema in DATABASE_URL",
      );
    case "behind":
      return fail("has a schema older than this version needs", "run npm run migrate");
    default:
      return away(await codeOf(database));
  }
  const [row] = await database.run((q) => q.execute("select current_setting('server_encoding') as encoding"));
  return row?.["encoding"] === "UTF8"
    ? ok
    : warn("stores another encoding than UTF8", "move to a database with encoding UTF8: names may not fit");
}

function away(code: string): Finding {
  return fail(
    `does not answer as it should (${code})`,
    adviceFor(code) ?? "check DATABASE_URL and that the server runs",
  );
}

async function codeOf(database: Database): Promise<string> {
  try {
    await database.run((q) => q.execute("select 1"));
    return "no_answer";
  } catch (error) {
    return error instanceof DatabaseError ? error.code : "unknown";
  }
}

async function checkAudit(database: Database): Promise<Finding> {
  switch (await database.run(readAuditProtection)) {
    case "protected":
      return ok;
    case "owned":
      return warn(
        "could be changed: this role owns it and may switch its trigger off",
        "run api and worker as a role of their own, with src/db/grants.sql",
      );
    default:
      return warn(
        "can be changed: its trigger is off",
        "alter table audit_events enable trigger audit_events_append_only",
      );
  }
}

async function checkTemporal(runs: ProvisionRuns): Promise<Finding> {
  switch (await runs.namespace()) {
    case "ready":
      return ok;
    case "namespace_missing":
      return fail("has no such namespace", "create it, or set TEMPORAL_NAMESPACE");
    case "refuses":
      return warn("does not say whether the namespace is there", "give the key the right to describe it");
    default:
      return fail("does not answer", "check TEMPORAL_ADDRESS and that the server runs");
  }
}

async function checkLoginHost(loginOrigin: string): Promise<Finding> {
  const { ok: isFine } = await fetch(`${loginOrigin}/organizations/v2.0/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(5000),
  });
  return isFine ? ok : fail("refuses", "check the network and AUTHIO_MS_CLOUD");
}
