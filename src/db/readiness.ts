import type { Database } from "./client.ts";
import { requireWritable } from "./clients.ts";
import { DatabaseError } from "./database-error.ts";
import { withDeadline } from "./deadline.ts";
import { latestMigration } from "./migrations.ts";
import { readSchemaFacts } from "./schema-state.ts";

/** `not_migrated`: there are no tables. `behind`: they are older than this version needs. */
export type DatabaseReadiness = "ready" | "away" | "read_only" | "not_migrated" | "behind";

const patienceMs = 4000;

/**
 * Whether the database can be worked with: it answers, takes writes and has what this version needs. Writes nothing. A
 * server that takes no writes is left, so that the next look may find another one.
 */
export async function readDatabaseReadiness(database: Database): Promise<DatabaseReadiness> {
  try {
    const { state } = await withDeadline(
      () =>
        database.run(async (q) => {
          await requireWritable(q);
          return readSchemaFacts(q, latestMigration);
        }),
      patienceMs,
    );
    if (state === "absent") return "not_migrated";
    return state === "current" ? "ready" : "behind";
  } catch (error) {
    return error instanceof DatabaseError && error.code === "25006" ? "read_only" : "away";
  }
}
