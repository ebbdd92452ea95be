import { adviceFor } from "../../db/database-advice.ts";
import { DatabaseError } from "../../db/database-error.ts";
import { CodedError } from "../../domain/coded-error.ts";
import { type Check, fail, type Finding, skip } from "./check.ts";

/** What `doctor` answers. */
export interface Diagnosis {
  /** Nothing fails; warnings and what was skipped change nothing. */
  readonly ok: boolean;
  readonly checks: readonly ({ readonly name: string } & Finding)[];
}

const usualTimeoutMs = 15_000;

/** Runs checks side by side, each within its time, and answers in their order. Never throws; changes nothing. */
export async function runChecks(checks: readonly Check[]): Promise<Diagnosis> {
  const findings = await Promise.all(
    checks.map(async (check) => ({ name: check.name, ...(await findingOf(check)) })),
  );
  return { ok: findings.every(({ status }) => status !== "fail"), checks: findings };
}

async function findingOf(check: Check): Promise<Finding> {
  const { timeoutMs = usualTimeoutMs } = check;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Finding>((resolve) => {
    timer = setTimeout(
      () =>
        resolve(fail(`gave no answer within ${timeoutMs / 1000} s`, "mend what else fails, then look again")),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([check.run(), late]);
  } catch (error) {
    return findingOfError(error);
  } finally {
    clearTimeout(timer);
  }
}

/** What one of the checks is about is said by it alone; the others were not looked at. */
function findingOfError(error: unknown): Finding {
  if (error instanceof DatabaseError && isAway(error)) return skip("the database does not answer");
  const advice = error instanceof DatabaseError ? adviceFor(error.code) : undefined;
  return fail(
    `cannot be looked at (${reasonOf(error)})`,
    advice ?? "mend what else fails, and check the network",
  );
}

/** Nobody got as far as a statement: the server, the user or the database. */
const isAway = ({ isLoss, code }: DatabaseError): boolean => isLoss || /^(28|3D|no_answer)/.test(code);

/** A code or a name; no text from outside. */
function reasonOf(error: unknown): string {
  if (error instanceof CodedError) return error.code;
  if (error instanceof DatabaseError) return `database ${error.code}`;
  return error instanceof Error ? error.name : "unknown";
}
