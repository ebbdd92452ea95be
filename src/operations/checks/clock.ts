import type { Database } from "../../db/client.ts";
import type { Clock } from "../../domain/clock.ts";
import { fail, type Finding, pass, skip, warn } from "./check.ts";

/** Tokens are refused by their times from here on: verifiers allow 30 s. */
const tolerableMs = 30_000;
const unnoticedMs = 5000;

/** This machine's clock against the database's and Microsoft's. `microsoft` is the time that a `Date` header told. */
export async function checkClock(
  database: Database,
  microsoft: () => Promise<Date | undefined>,
  clock: Clock,
): Promise<Finding> {
  const offset = (look: () => Promise<number | undefined>) => offsetOf(look, clock);
  const offsets = await Promise.all([
    offset(async () => {
      const [row] = await database.run((q) =>
        q.execute("select (extract(epoch from clock_timestamp()) * 1000)::float as ms"),
      );
      return Number(row?.["ms"]);
    }),
    offset(async () => (await microsoft())?.getTime()),
  ]);
  const [fromDatabase, fromMicrosoft] = offsets;
  const known = offsets.filter((one) => one !== undefined);
  if (known.length === 0) return skip("nobody could be asked for the time", "mend what else fails");
  const told = [
    fromDatabase === undefined
      ? "the database's is not known"
      : `${seconds(fromDatabase)} s to the database's`,
    fromMicrosoft === undefined ? "Microsoft's is not known" : `${seconds(fromMicrosoft)} s to Microsoft's`,
  ].join(", ");
  const worst = Math.max(...known.map(Math.abs));
  const fix =
    "let NTP set the clock of this machine, and of the database's where that one differs from Microsoft's";
  if (worst > tolerableMs) return fail(told, fix);
  return worst > unnoticedMs ? warn(told, fix) : pass(told);
}

/** How far another clock is ahead of ours, in ms; half the trip is taken as the way there. */
async function offsetOf(look: () => Promise<number | undefined>, clock: Clock): Promise<number | undefined> {
  const askedMs = clock.now().getTime();
  const toldMs = await look().catch(() => undefined);
  return toldMs === undefined || Number.isNaN(toldMs)
    ? undefined
    : toldMs - (askedMs + clock.now().getTime()) / 2;
}

const seconds = (ms: number): string => (ms / 1000).toFixed(1);
