import { readFileSync } from "node:fs";
import { type PostgresTarget, PostgresUrlError } from "../domain/postgres-target.ts";
import { parsePostgresUrl } from "../domain/postgres-url.ts";
import { parseTemporalAddress, type TemporalAddress } from "../domain/temporal-address.ts";
import type { ServiceConfig } from "./config.ts";
import type { Environment } from "./environment.ts";

/** Stands where a variable was wrong, and never leaves this folder: the problem stops the start. */
const nowhere: PostgresTarget = {
  hosts: [{ kind: "tcp" }],
  tls: { kind: "off" },
  isPooled: false,
  prepares: true,
  applicationName: "",
  connectTimeoutSeconds: 1,
  connectionsMax: 2,
};

/** Where Postgres and Temporal are. Certificates that `DATABASE_URL` names are read here, so that a wrong path is said at start. */
export function readServers(env: Environment): Pick<ServiceConfig, "database" | "temporal"> {
  return {
    database: readDatabase(env),
    temporal: { address: readTemporal(env), namespace: env.optional("TEMPORAL_NAMESPACE") },
  };
}

function readDatabase(env: Environment): PostgresTarget {
  const text = env.required("DATABASE_URL", "set it to postgres://user:password@host/database");
  if (text === "") return nowhere;
  try {
    return parsePostgresUrl(text, (path) => readFileSync(path, "utf8"));
  } catch (error) {
    if (!(error instanceof PostgresUrlError)) throw error;
    for (const problem of error.problems) env.problem("DATABASE_URL", problem);
    return nowhere;
  }
}

function readTemporal(env: Environment): TemporalAddress | undefined {
  const text = env.optional("TEMPORAL_ADDRESS");
  if (text === undefined) return undefined;
  try {
    return parseTemporalAddress(text);
  } catch (error) {
    env.problem("TEMPORAL_ADDRESS", (error as RangeError).message);
    return undefined;
  }
}
