import { setTimeout as sleep } from "node:timers/promises";
import { lastPlace, listEvents, placeEvents } from "../../db/events.ts";
import { type EventRow, feedEntry } from "../../domain/event-view.ts";
import { type EventName, eventNames } from "../../domain/events.ts";
import type { OperatorOptions, Shell } from "./options.ts";
import { withTools } from "./tools.ts";

const pageSize = 100;
const everyMs = 1000;

/**
 * `events tail`: what happens from now on, or since a place in the feed (`--after evt_…`, `--after 0` for all), line by
 * line until Ctrl-C.
 * @throws {TypeError} what to give instead
 */
export async function events(
  [action]: readonly string[],
  options: OperatorOptions,
  shell: Shell,
): Promise<number> {
  if (action !== "tail") throw new TypeError("events takes tail");
  const name = readName(options.event);
  const asked = readPlace(options.after);
  return withTools(shell, async ({ database }) => {
    await placeEvents(database);
    let after = asked ?? (await lastPlace(database));
    while (shell.signal?.aborted !== true) {
      const rows = await listEvents(database, { after, limit: pageSize, name, orgId: options.organization });
      for (const row of rows) shell.print(options.json ? JSON.stringify(feedEntry(row)) : lineOf(row));
      after = rows.at(-1)?.position ?? after;
      if (rows.length === pageSize) continue;
      await pause(shell.signal);
      await placeEvents(database);
    }
    return 0;
  });
}

async function pause(signal: AbortSignal | undefined): Promise<void> {
  await sleep(everyMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
}

function readName(given: string | undefined): EventName | undefined {
  const name = eventNames.find((known) => known === given);
  if (given !== undefined && name === undefined)
    throw new TypeError(`--event is one of ${eventNames.join(", ")}`);
  return name;
}

function readPlace(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const place = /^(?:evt_)?(\d{1,15})$/.exec(given)?.[1];
  if (place === undefined) throw new TypeError("--after is the id of an event, evt_…, or 0 for all");
  return Number(place);
}

function lineOf(row: EventRow): string {
  const { id, event, created_at: at, data } = feedEntry(row);
  const metadata = Object.entries(data.metadata).map(([name, value]) => `${name}=${String(value)}`);
  return [at, id.padEnd(10), event.padEnd(32), row.orgId, data.target_id, row.actor, ...metadata].join("  ");
}
