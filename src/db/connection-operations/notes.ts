import { and, eq, sql } from "drizzle-orm";
import type { ConnectionOperation, FencedRun, ApplicationIds } from "../../domain/connection-operation.ts";
import type { Database } from "../client.ts";
import { connectionOperations } from "../schema.ts";
import { isCurrent, updateCurrent } from "./fence.ts";

// What a run notes about its dealings with Microsoft, before and after them. All of it is behind the fence.

/** Commits that a creation is about to be sent; returns when, by this process's clock. */
export async function noteCreateIntent(database: Database, run: FencedRun): Promise<Date> {
  const intentAt = new Date();
  await database.run((q) => updateCurrent(q, run, { createIntentAt: intentAt, createRefused: false }));
  return intentAt;
}

/** Notes that Microsoft answered the intended creation with a refusal; only the attempt that intended it may. */
export async function noteCreateRefused(database: Database, run: FencedRun, intentAt: Date): Promise<void> {
  await database.run((q) =>
    q
      .update(connectionOperations)
      .set({ createRefused: true })
      .where(and(isCurrent(run), eq(connectionOperations.createIntentAt, intentAt))),
  );
}

/** Takes an intent back after Microsoft definitely refused; only the attempt that noted it may. */
export async function clearCreateIntent(database: Database, run: FencedRun, intentAt: Date): Promise<void> {
  await database.run((q) =>
    q
      .update(connectionOperations)
      .set({ createIntentAt: null })
      .where(and(isCurrent(run), eq(connectionOperations.createIntentAt, intentAt))),
  );
}

/** Records the application this run works on. `adopted` protects it from the undo. */
export async function recordApplication(
  database: Database,
  run: FencedRun,
  ids: ApplicationIds & { adopted: boolean },
): Promise<void> {
  const { appObjectId, appId, servicePrincipalId, adopted } = ids;
  await database.run((q) => updateCurrent(q, run, { appObjectId, appId, servicePrincipalId, adopted }));
}

/** Records that this run consented for all users of its application. */
export async function noteUsersConsented(database: Database, run: FencedRun): Promise<void> {
  await database.run((q) => updateCurrent(q, run, { usersConsented: true }));
}

/** Claims the next credential attempt; earlier attempts that still run lose their claim. */
export async function claimCredentialAttempt(
  database: Database,
  run: FencedRun,
): Promise<ConnectionOperation> {
  const credentialAttempt = sql`${connectionOperations.credentialAttempt} + 1`;
  return database.run((q) => updateCurrent(q, run, { credentialAttempt }));
}
