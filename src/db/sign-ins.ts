import { and, eq, isNull, lt, or, sql } from "drizzle-orm";
import type { ConnectionId } from "../domain/ids.ts";
import type { Database } from "./client.ts";
import { ssoConnections } from "./schema.ts";

/** Notes that somebody signed in, to the minute: a busy connection costs no write for each. */
export async function recordSignIn(database: Database, id: ConnectionId): Promise<void> {
  const last = ssoConnections.lastSignInAt;
  await database.run((q) =>
    q
      .update(ssoConnections)
      .set({ lastSignInAt: sql`now()` })
      .where(and(eq(ssoConnections.id, id), or(isNull(last), lt(last, sql`now() - interval '1 minute'`)))),
  );
}
