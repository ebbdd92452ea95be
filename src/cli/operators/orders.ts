import type { AccessChoice } from "../../domain/connection-operation.ts";
import { listWork } from "../../db/find-work.ts";
import { factsOfWork, type WorkFacts, type WorkId } from "../../domain/work.ts";
import { cancel as cancelOne } from "../../operations/cancel.ts";
import { inBulk } from "../../operations/in-bulk.ts";
import { retry as retryOne } from "../../operations/retry.ts";
import { readFilter } from "./filters.ts";
import type { OperatorOptions, Shell } from "./options.ts";
import { type OperatorTools, readCount, requireId, requireOperator, withTools } from "./tools.ts";

/** Orders one provision and says what came of it. */
type Order = (ctx: OperatorTools, id: WorkId) => Promise<string>;

const bulkMax = 1000;

/** `retry ID`, or `retry --all` with filters. */
export function retry(ids: readonly string[], options: OperatorOptions, shell: Shell): Promise<number> {
  const { name, reason } = requireOperator(shell, options.reason);
  const { access, "secret-lifetime-days": days } = options;
  if (access !== undefined && access !== "everyone" && access !== "assigned")
    throw new TypeError("--access is everyone or assigned");
  const choice: AccessChoice | undefined = access;
  const secretLifetimeDays =
    days === undefined ? undefined : readCount("--secret-lifetime-days", days, 1, 730);
  const order = { operator: name, reason, access: choice, secretLifetimeDays };
  return obey(ids, { ...options, status: options.status ?? "failed" }, shell, async (ctx, id) => {
    const { operation, isStarted } = await retryOne({ ctx, input: { id, order } });
    return `is being retried, generation ${operation.generation}${isStarted ? "" : "; Temporal did not take it yet, a worker starts it as soon as it does"}`;
  });
}

/** `cancel ID`, or `cancel --all` with filters. */
export function cancel(ids: readonly string[], options: OperatorOptions, shell: Shell): Promise<number> {
  const operator = requireOperator(shell, options.reason);
  return obey(ids, options, shell, async (ctx, id) => {
    const input = { id, by: { kind: "operator", ...operator } } as const;
    const { work, isTold } = await cancelOne({ ctx, input });
    return `is cancelled; cleanup ${factsOfWork(work).cleanup}${isTold ? "" : "; Temporal did not take it yet, a worker passes it on as soon as it does"}`;
  });
}

async function obey(
  [id]: readonly string[],
  options: OperatorOptions,
  shell: Shell,
  order: Order,
): Promise<number> {
  if (!options.all) {
    const requestId = requireId(id);
    return withTools(shell, async (ctx) => {
      const said = await order(ctx, requestId);
      shell.print(options.json ? JSON.stringify({ id: requestId, done: true }) : `${requestId} ${said}`);
      return 0;
    });
  }
  if (id !== undefined) throw new TypeError("give an id, or --all with filters, not both");
  const filter = readFilter(options);
  if (Object.entries(filter).every(([name, value]) => name === "status" || value === undefined))
    throw new TypeError(
      "--all needs --organization, --tenant, --code or --since, so that it is not everything",
    );
  const pace = {
    perSecond: readCount("--rate", options.rate, 5, 100),
    stopOnError: options["stop-on-error"] === true,
  };
  return withTools(shell, async (ctx) => {
    const found = ((await listWork(ctx.database, filter, { limit: bulkMax })) ?? []).map(factsOfWork);
    if (options["dry-run"]) return preview(found, options, shell);
    let failed = 0;
    for await (const outcome of inBulk(found, (one) => order(ctx, one.id), pace)) {
      if (!outcome.done) failed += 1;
      const { id: itemId } = outcome.item;
      shell.print(
        options.json
          ? JSON.stringify({
              id: itemId,
              done: outcome.done,
              ...(outcome.done ? {} : { code: outcome.code }),
            })
          : `${itemId}  ${outcome.done ? "done" : outcome.code}`,
      );
    }
    if (!options.json) shell.print(`${found.length} found, ${failed} refused.`);
    return failed === 0 ? 0 : 1;
  });
}

function preview(found: readonly WorkFacts[], options: OperatorOptions, shell: Shell): number {
  for (const { id, orgId, status, errorCode } of found)
    shell.print(
      options.json
        ? JSON.stringify({ id, organization_id: orgId, status, error_code: errorCode })
        : `${id}  ${status}  ${orgId}  ${errorCode ?? ""}`,
    );
  if (!options.json) shell.print(`${found.length} found; nothing was changed.`);
  return 0;
}
