import { loadWorkerConfig } from "../../config/load-config.ts";
import { openDatabase } from "../../db/client.ts";
import { openTemporalClient } from "../../temporal/client.ts";
import { createProvisionRuns } from "../../temporal/provision-runs.ts";
import { type Check, checksOf, type Finding } from "./checks.ts";
import type { Shell } from "./tools.ts";

const marks = { ok: "ok    ", warn: "warn  ", fail: "FAIL  " } as const;

/** Each check with what to do about it; exit code 1 when one fails, a warning changes nothing. */
export async function doctor({ environment, print }: Shell): Promise<number> {
  const config = loadWorkerConfig(environment);
  const database = openDatabase(config.database, { poolMax: 1 });
  const client = openTemporalClient(config);
  let failed = 0;
  for (const check of checksOf(config, database, createProvisionRuns(client))) {
    const finding = await findingOf(check);
    if (finding.status === "fail") failed += 1;
    const what = finding.status === "ok" ? "" : ` ${finding.detail}: ${finding.fix}`;
    print(`${marks[finding.status]}${check.name}${what}`);
  }
  await Promise.allSettled([client.connection.close(), database.close()]);
  return failed === 0 ? 0 : 1;
}

async function findingOf(check: Check): Promise<Finding> {
  try {
    return await check.run();
  } catch {
    return {
      status: "fail",
      detail: "cannot be looked at",
      fix: "mend what fails above, and check the network",
    };
  }
}
