import { loadServiceConfig } from "../../config/load-service-config.ts";
import { type Database, openDatabase } from "../../db/client.ts";
import { type Clock, systemClock } from "../../domain/clock.ts";
import { parseWorkId } from "../../domain/parse-ids.ts";
import type { WorkId } from "../../domain/work.ts";
import { cleanDisplay, isPlainText, reasonUnitsMax } from "../../domain/text.ts";
import { type LateTemporal, openLateTemporal } from "./late-temporal.ts";
import type { Shell } from "./options.ts";

export interface OperatorTools extends Omit<LateTemporal, "close"> {
  readonly database: Database;
  readonly clock: Clock;
}

/** Opens what a command needs from the environment, and closes it afterwards. */
export async function withTools<T>(
  { environment }: Shell,
  work: (tools: OperatorTools) => Promise<T>,
): Promise<T> {
  const config = loadServiceConfig(environment);
  const database = openDatabase(config.database, { poolMax: 1 });
  const temporal = openLateTemporal(config);
  try {
    return await work({ ...temporal, database, clock: systemClock });
  } finally {
    await Promise.allSettled([temporal.close(), database.close()]);
  }
}

/** @throws {TypeError} what to give instead */
export function requireId(id: string | undefined): WorkId {
  const parsed = parseWorkId(id ?? "");
  if (parsed === undefined) throw new TypeError("give the id of a click, mspr_…, or of an operation, op_…");
  return parsed;
}

/** @throws {TypeError} for anything but a whole number up to `max` */
export function readCount(name: string, text: string | undefined, fallback: number, max: number): number {
  if (text === undefined) return fallback;
  const count = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > max) throw new TypeError(`${name} is 1 to ${max}`);
  return count;
}

/** Who is at the keyboard, and why. @throws {TypeError} without a reason */
export function requireOperator(shell: Shell, reason: string | undefined): { name: string; reason: string } {
  if (!reason) throw new TypeError("give a --reason; it goes into the audit trail");
  if (reason.length > reasonUnitsMax || !isPlainText(reason))
    throw new TypeError("--reason takes up to 500 characters, none of them a control character");
  return { name: operatorName(shell), reason };
}

/** Who is at the keyboard, as the system says. */
export function operatorName({ environment }: Shell): string {
  return cleanDisplay(environment["USER"] ?? "", 64) || "cli";
}
