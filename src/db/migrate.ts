import { fileURLToPath } from "node:url";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";
import { DatabaseError, withoutDriverErrors } from "./database-error.ts";

/** Any constant serves, as long as every replica asks for the same. */
const advisoryLock = 6_177_301;

/**
 * Brings the schema up to date. Safe from many replicas at once: one migrates, the others wait and find nothing to do.
 * @throws {DatabaseError} when Postgres is away or a migration fails
 */
export async function migrateDatabase(url: string): Promise<void> {
  // One connection: the lock belongs to the session that runs the migrations.
  const sql = postgres(url, { max: 1, connect_timeout: 5, onnotice: () => {} });
  try {
    await withoutDriverErrors(
      async () => {
        await sql`select pg_advisory_lock(${advisoryLock})`;
        await migrate(drizzle(sql), {
          migrationsFolder: fileURLToPath(new URL("migrations", import.meta.url)),
        });
      },
      (error) => error instanceof DatabaseError,
    );
  } finally {
    await sql.end({ timeout: 5 });
  }
}
