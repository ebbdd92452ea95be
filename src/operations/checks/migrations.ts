import type { Database } from "../../db/client.ts";
import { latestMigration } from "../../db/migrations.ts";
import { readSchemaFacts } from "../../db/schema-state.ts";
import { fail, type Finding, pass } from "./check.ts";

/** The tables are what this version needs. */
export async function checkMigrations(database: Database): Promise<Finding> {
  const { state } = await database.run((q) => readSchemaFacts(q, latestMigration));
  switch (state) {
    case "current":
      return pass("the tables are what this version needs");
    case "absent":
      return fail(
        "has no tables where this role looks",
        "run npm run migrate, or name the schema in DATABASE_URL",
      );
    default:
      return fail("has a schema older than this version needs", "run npm run migrate");
  }
}
