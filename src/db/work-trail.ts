import { asc, eq, or } from "drizzle-orm";
import type { WorkId } from "../domain/work.ts";
import type { Database } from "./client.ts";
import { auditEvents } from "./schema.ts";

/** One line of the audit trail. */
export interface TrailLine {
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  readonly generation: number;
  readonly detail: unknown;
}

/** What the audit trail says of a click or an operation, oldest first. */
export async function readTrail(database: Database, id: WorkId): Promise<TrailLine[]> {
  const { at, actor, action, generation, detail } = auditEvents;
  return database.run((q) =>
    q
      .select({ at, actor, action, generation, detail })
      .from(auditEvents)
      .where(or(eq(auditEvents.requestId, id), eq(auditEvents.operationId, id)))
      .orderBy(asc(auditEvents.id)),
  );
}
