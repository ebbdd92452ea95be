import { sql } from "drizzle-orm";
import type { PostgresTarget } from "../domain/postgres-target.ts";
import { openDatabase } from "./client.ts";
import type { Queries } from "./queries.ts";
import { applyGrants } from "./grants.ts";
import { latestMigration, migrations } from "./migrations.ts";
import { markSchema, readSchemaFacts } from "./schema-state.ts";
import { targetOf } from "./target.ts";

/** Any constant serves, as long as every replica asks for the same. */
const advisoryLock = 6_177_301;
/** Drizzle's own, so that its tools find what was applied. */
const journalTable = "__drizzle_migrations";

/**
 * Brings the schema up to date in one transaction. Where nothing is to be done nothing is written, so that a role
 * without the right to create may say so too. Safe from many replicas at once: one migrates, the others wait for it and
 * find nothing to do. The lock ends with the transaction, so it works through a pooler as well.
 * @returns how many migrations were applied
 * @throws {DatabaseError} when Postgres is away or a migration fails; nothing of it stays then
 */
export async function migrateDatabase(url: PostgresTarget | string): Promise<number> {
  const target = targetOf(url);
  const database = openDatabase(target, { poolMax: 1, isUnhurried: true });
  try {
    const { state, migrated = 0 } = await database.run((q) => readSchemaFacts(q, latestMigration));
    if (state === "current" && migrated >= latestMigration) return 0;
    return await database.transaction((q) => applyMissing(q, journalSchemaOf(target)));
  } finally {
    await database.close();
  }
}

/** Two installations in two schemas of one database have a journal each. */
function journalSchemaOf({ schema }: PostgresTarget): string {
  return schema === undefined || schema === "public" ? "drizzle" : schema;
}

async function applyMissing(q: Queries, schema: string): Promise<number> {
  const journal = sql`${sql.identifier(schema)}.${sql.identifier(journalTable)}`;
  await q.execute(sql`select pg_advisory_xact_lock(${advisoryLock})`);
  const [found] = await q.execute(sql`
    select
      exists (select from pg_namespace where nspname = ${schema}) as schema,
      exists (select from pg_class join pg_namespace on pg_namespace.oid = relnamespace
        where nspname = ${schema} and relname = ${journalTable}) as journal`);
  if (found?.["schema"] !== true) await q.execute(sql`create schema ${sql.identifier(schema)}`);
  if (found?.["journal"] !== true)
    await q.execute(
      sql`create table ${journal} (id serial primary key, hash text not null, created_at bigint)`,
    );
  const [last] = await q.execute(sql`select max(created_at)::text as at from ${journal}`);
  const missing = migrations.filter(({ folderMillis }) => folderMillis > Number(last?.["at"] ?? 0));
  for (const { sql: statements, hash, folderMillis } of missing) {
    for (const statement of statements) await q.execute(sql.raw(statement));
    await q.execute(sql`insert into ${journal} (hash, created_at) values (${hash}, ${folderMillis})`);
  }
  await markSchema(q, latestMigration);
  await applyGrants(q);
  return missing.length;
}
