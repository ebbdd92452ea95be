import { type PrunedAudit, pruneAudit } from "../../operations/prune-audit.ts";
import type { OperatorOptions, Shell } from "./options.ts";
import { readDigests } from "./read-audit-export.ts";
import { requireOperator, withTools } from "./tools.ts";

/** Warnings of secrets that end look back at the trail for so long. */
const monthsKept = 3;

/**
 * `audit prune --before MONTH --exported FILE [--apply --reason TEXT]`. Exit code 1 where nothing may be dropped.
 * @throws {TypeError} what to give instead
 */
export async function audit(
  [action]: readonly string[],
  { before, exported, apply = false, json = false, reason }: OperatorOptions,
  shell: Shell,
): Promise<number> {
  if (action !== "prune") throw new TypeError("audit takes prune");
  if (exported === undefined)
    throw new TypeError("give --exported FILE, an export of GET /v1/audit?format=jsonl");
  const month = readMonth(before);
  const by = apply ? requireOperator(shell, reason) : undefined;
  const order = by && { operator: by.name, reason: by.reason };
  const digests = await readDigests(exported);
  return withTools(shell, async ({ database }) => {
    const result = await pruneAudit({
      ctx: { database },
      input: { before: month, exported: digests, order },
    });
    shell.print(json ? JSON.stringify(result) : said(result));
    return result.kind === "found" || result.kind === "dropped" ? 0 : 1;
  });
}

function readMonth(given: string | undefined): Date {
  const [, year, month] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(given ?? "") ?? [];
  if (year === undefined) throw new TypeError("give --before YYYY-MM, the first month that stays");
  const date = new Date(Date.UTC(Number(year), Number(month) - 1));
  const now = new Date();
  if (date > new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - monthsKept)))
    throw new TypeError(`--before leaves the last ${monthsKept} months and this one`);
  return date;
}

function said(result: PrunedAudit): string {
  switch (result.kind) {
    case "found":
    case "dropped": {
      const rows = result.months.reduce((sum, one) => sum + one.rows, 0);
      const names = result.months.map(({ name }) => name).join(", ");
      const what = `${result.months.length} months, ${rows} rows${names === "" ? "" : `: ${names}`}`;
      return result.kind === "dropped"
        ? `Dropped ${what}.`
        : `The export has all of ${what}; nothing was changed. To drop them: --apply --reason TEXT`;
    }
    case "not_owner":
      return "Only the owner of the tables may drop of the trail: DATABASE_URL of the role that migrates.";
    case "still_told":
      return `The feed of events still tells of ${result.month}; AUTHIO_KEEP_EVENTS_DAYS says for how long. Nothing was dropped.`;
    case "not_exported":
      return `The export lacks ${result.missing} rows of ${result.month}, or has them otherwise (the first is ${result.first}). Nothing was dropped; export that month again, as an operator.`;
    case "changed":
      return "Rows were added meanwhile. Nothing was dropped; export again.";
    default:
      return result satisfies never;
  }
}
