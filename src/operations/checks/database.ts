import type { Database } from "../../db/client.ts";
import { adviceFor } from "../../db/database-advice.ts";
import { DatabaseError } from "../../db/database-error.ts";
import { readDatabaseReadiness } from "../../db/readiness.ts";
import { fail, type Finding, pass, warn } from "./check.ts";

/** Postgres answers, takes writes and stores every character. */
export async function checkDatabase(database: Database): Promise<Finding> {
  const readiness = await readDatabaseReadiness(database);
  if (readiness === "read_only") return fail("takes no writes", "have DATABASE_URL lead to the primary");
  if (readiness === "away") {
    const code = await refusalOf(database);
    return fail(
      `does not answer as it should (${code})`,
      adviceFor(code) ?? "check DATABASE_URL and that the server runs",
    );
  }
  const [row] = await database.run((q) => q.execute("select current_setting('server_encoding') as encoding"));
  return row?.["encoding"] === "UTF8"
    ? pass("answers and takes writes")
    : warn("stores another encoding than UTF8", "move to a database with encoding UTF8: names may not fit");
}

async function refusalOf(database: Database): Promise<string> {
  try {
    await database.run((q) => q.execute("select 1"));
    return "no_answer";
  } catch (error) {
    return error instanceof DatabaseError ? error.code : "unknown";
  }
}
