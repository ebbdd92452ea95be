import type { Database } from "../db/client.ts";
import { adviceFor } from "../db/database-advice.ts";
import { DatabaseError } from "../db/database-error.ts";
import { readDatabaseReadiness } from "../db/readiness.ts";
import type { Logger } from "../domain/logger.ts";

/**
 * Looks at Postgres once, when a process has begun, so that a wrong `DATABASE_URL` is said at once and with the fix.
 * Stops nothing: an outage ends by itself.
 */
export async function firstLook(database: Database, log: Logger): Promise<void> {
  try {
    await database.run((q) => q.execute("select 1"));
    const readiness = await readDatabaseReadiness(database);
    if (readiness !== "ready")
      log.error("Postgres cannot be worked with", {
        reason: readiness,
        fix: "see /readyz in docs/operations.md",
      });
  } catch (error) {
    const code = error instanceof DatabaseError ? error.code : "unknown";
    log.error("Postgres does not answer as it should", {
      reason: code,
      fix: adviceFor(code) ?? "check DATABASE_URL",
    });
  }
}
