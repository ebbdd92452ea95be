import type { Logger } from "../domain/logger.ts";
import { ensureMaintenanceSchedule } from "../temporal/maintenance-schedule.ts";
import type { Client } from "../temporal/sdk.ts";
import { type Loop, startLoop } from "./loop.ts";

/**
 * Makes the maintenance schedule now, and again where it is gone, as from a Temporal whose store was emptied: without it
 * nothing renews secrets.
 */
export function keepSchedule(client: Client, log: Logger, everyMs = 60_000): Loop {
  return startLoop("making the maintenance schedule", log, async () => {
    await ensureMaintenanceSchedule(client);
    return everyMs;
  });
}
