import { fileURLToPath } from "node:url";
import { type MigrationMeta, readMigrationFiles } from "drizzle-orm/migrator";

/** The migrations of this version, oldest first. */
export const migrations: readonly MigrationMeta[] = readMigrationFiles({
  migrationsFolder: fileURLToPath(new URL("migrations", import.meta.url)),
});
/** When the newest of them was made: which schema this code is written for. */
export const latestMigration: number = Math.max(...migrations.map(({ folderMillis }) => folderMillis));
