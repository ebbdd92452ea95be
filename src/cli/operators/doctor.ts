import { ConfigError } from "../../config/environment.ts";
import { loadApiConfig, loadWorkerConfig } from "../../config/load-config.ts";
import { openDatabase } from "../../db/client.ts";
import { systemClock } from "../../domain/clock.ts";
import { checkConfiguration } from "../../operations/checks/configuration.ts";
import { type Diagnosis, runChecks } from "../../operations/checks/run-checks.ts";
import { checksOf, type Patient } from "../../processes/doctor.ts";
import { openTemporalClient } from "../../temporal/client.ts";
import { createOperationRuns } from "../../temporal/operation-runs.ts";
import { createTemporalLook } from "../../temporal/temporal-look.ts";
import type { OperatorOptions, Shell } from "./options.ts";

const marks = { pass: "ok", warn: "warn", fail: "FAIL", skip: "skip" } as const;
/** Set for an API process and nobody else. */
const apiVariables = ["AUTHIO_PROJECT_ID", "AUTHIO_MANAGEMENT_ORIGIN", "AUTHIO_DASHBOARD_URL"] as const;

/** Each check with what to do about it; exit code 1 when one fails, a warning changes nothing. */
export async function doctor(
  { environment, print }: Shell,
  options: Pick<OperatorOptions, "json"> = {},
): Promise<number> {
  const diagnosis = await diagnose(environment);
  if (options.json) print(JSON.stringify(diagnosis));
  else for (const line of linesOf(diagnosis)) print(line);
  return diagnosis.ok ? 0 : 1;
}

async function diagnose(environment: Shell["environment"]): Promise<Diagnosis> {
  const api = apiOf(environment);
  const worker = problemsOr(() => loadWorkerConfig(environment));
  if ("problems" in worker) {
    const problems = [...worker.problems, ...(api && "problems" in api ? api.problems : [])];
    // Nothing else can be looked at without them.
    return runChecks([
      { name: "configuration", run: async () => checkConfiguration([...new Set(problems)]) },
    ]);
  }
  const database = openDatabase(worker.database, { poolMax: 2 });
  const client = openTemporalClient(worker);
  const diagnosis = await runChecks(
    checksOf({
      worker,
      api,
      database,
      runs: createOperationRuns(client),
      temporal: createTemporalLook(client),
      clock: systemClock,
    }),
  );
  await Promise.allSettled([client.connection.close(), database.close()]);
  return diagnosis;
}

const [markWidth, nameWidth] = [5, 18];

/** A line each, what to do beneath it, and last what fails: the first of them first. */
function linesOf({ checks }: Diagnosis): string[] {
  const indent = " ".repeat(markWidth + nameWidth + 2);
  const failing = checks.filter(({ status }) => status === "fail").map(({ name }) => name);
  return [
    ...checks.flatMap(({ name, status, detail, fix }) => [
      `${marks[status].padEnd(markWidth)} ${name.padEnd(nameWidth)} ${detail}`,
      ...(fix === undefined ? [] : [`${indent}-> ${fix}`]),
    ]),
    failing.length === 0 ? "Nothing fails." : `Fails: ${failing.join(", ")}. Mend the first one first.`,
  ];
}

/** A machine that only works as a worker has none of the API's variables. */
function apiOf(environment: Shell["environment"]): Patient["api"] {
  if (!apiVariables.some((name) => environment[name])) return undefined;
  return problemsOr(() => ({ config: loadApiConfig(environment) }));
}

function problemsOr<T>(read: () => T): T | { readonly problems: readonly string[] } {
  try {
    return read();
  } catch (error) {
    if (error instanceof ConfigError) return { problems: error.problems };
    throw error;
  }
}
