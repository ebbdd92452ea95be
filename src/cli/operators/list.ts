import { findPauses } from "../../db/pauses.ts";
import { listWork } from "../../db/find-work.ts";
import { factsOfWork } from "../../domain/work.ts";
import { pauseAdvice, pauseLine } from "../../operations/pause-lines.ts";
import { operatorView } from "../../operations/operator-view.ts";
import { waitOf } from "../../operations/show-provision.ts";
import { readFilter } from "./filters.ts";
import { tableLines } from "./table.ts";
import type { OperatorOptions, Shell } from "./options.ts";
import { readCount, requireId, withTools } from "./tools.ts";

const header = ["ID", "KIND", "STATUS", "ORGANIZATION", "BEGUN", "CLEANUP", "RESULT", "WAITS AT"];

/** `list`: newest first, a page at a time. */
export async function list(_ids: readonly string[], options: OperatorOptions, shell: Shell): Promise<number> {
  const filter = readFilter(options);
  const limit = readCount("--limit", options.limit, 50, 1000);
  const after = options.after === undefined ? undefined : requireId(options.after);
  return withTools(shell, async ({ database, runs }) => {
    const found = await listWork(database, filter, { after, limit });
    if (!found) throw new TypeError("--after is an id that `list` printed");
    const waits = await Promise.all(found.map((work) => waitOf(work, runs)));
    const last = found.length === limit ? found.map(factsOfWork).at(-1)?.id : undefined;
    if (options.json) {
      const data = found.map((work, index) => ({
        ...operatorView(work),
        waits_at: waits[index] ?? null,
      }));
      shell.print(JSON.stringify({ data, list_metadata: { after: last ?? null } }));
      return 0;
    }
    const rows = found.map(factsOfWork).map((request, index) => {
      const wait = waits[index];
      return [
        request.id,
        request.kind,
        request.status,
        request.orgId,
        request.createdAt.toISOString(),
        request.cleanup,
        request.errorCode ?? request.connectionId ?? "",
        wait ? `${wait.activity}, attempt ${wait.attempt}: ${wait.code}` : "",
      ];
    });
    for (const pause of await findPauses(database))
      shell.print(`${capitalized(pauseLine(pause))}. To do: ${pauseAdvice(pause)}.\n`);
    if (rows.length === 0) shell.print("No requests.");
    else for (const line of tableLines(header, rows)) shell.print(line);
    if (last !== undefined) shell.print(`More: --after ${last}`);
    return 0;
  });
}

const capitalized = (line: string): string => line.charAt(0).toUpperCase() + line.slice(1);
