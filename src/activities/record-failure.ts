import { failRun, recordCleanup } from "../db/connection-operations/end-run.ts";
import { isErrorCode } from "../domain/error-codes.ts";
import { isMicrosoftReference } from "../domain/microsoft-codes.ts";
import type { ActivityDeps } from "./deps.ts";
import type { Step } from "./fence.ts";

/** What the person reads comes from our table; of the input only words of known shape go into the row. */
export function recordFailure({ database }: ActivityDeps): Step<"recordFailure"> {
  return ({ code, microsoft }, run) =>
    failRun(database, run, {
      code: isErrorCode(code) ? code : "internal",
      microsoft: isMicrosoftReference(microsoft) ? microsoft : undefined,
    });
}

export function recordCleanupNeedsOperator({ database }: ActivityDeps): Step<"recordCleanupNeedsOperator"> {
  return async (_input, run) => {
    await recordCleanup(database, run, "needs_operator");
    return {};
  };
}
