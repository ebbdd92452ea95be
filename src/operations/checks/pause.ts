import type { Database } from "../../db/client.ts";
import { findPauses } from "../../db/pauses.ts";
import { pauseAdvice, pauseLine } from "../pause-lines.ts";
import { fail, type Finding, pass, warn } from "./check.ts";

/** Provisioning goes on. */
export async function checkPause(database: Database): Promise<Finding> {
  const pauses = await findPauses(database);
  const [first] = pauses;
  if (!first) return pass("provisioning is not paused");
  const worst = pauses.find(({ cause }) => cause === "credential_refused");
  const lines = pauses.map(pauseLine).join("; ");
  return worst ? fail(lines, pauseAdvice(worst)) : warn(lines, pauseAdvice(first));
}
