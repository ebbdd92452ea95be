import { is, sql } from "drizzle-orm";
import { getTableConfig, PgTable } from "drizzle-orm/pg-core";
import type { Queries } from "./queries.ts";
import * as schema from "./schema.ts";

/** Every table that the code knows. */
export const tables: readonly PgTable[] = Object.values(schema).filter((value) => is(value, PgTable));
/** It carries the word of the last migration. */
const marked = getTableConfig(schema.provisionRequests).name;

/** `table.column`, and the names of unique indexes, as the code of this version has them. */
const needed: readonly string[] = tables.flatMap((table) => {
  const { name, columns, indexes } = getTableConfig(table);
  return [
    ...columns.map((column) => `${name}.${column.name}`),
    ...indexes.filter(({ config }) => config.unique).map(({ config }) => `${name}:${config.name}`),
  ];
});

/** What a database says about its tables. */
export interface SchemaFacts {
  /** `behind`: something is missing, or an older version's `migrate` ran last. `absent`: no table is there. */
  readonly state: "current" | "behind" | "absent";
  /** The migration that `migrate` was at when it ran last; undefined where it left no word. */
  readonly migrated: number | undefined;
}

/**
 * Whether the tables are what this version needs. Reads the catalogs that everybody may read, so a role without rights
 * on Drizzle's own table can tell too.
 * @param latest the newest migration of this version
 */
export async function readSchemaFacts(queries: Queries, latest: number): Promise<SchemaFacts> {
  const names = tables.map((table) => getTableConfig(table).name);
  const [row] = await queries.execute(sql`
    with wanted as (
      select to_regclass(name) as id, name
      from unnest(string_to_array(${names.join(",")}, ',')) as name
    ), found as (
      select name || '.' || attname as what from wanted join pg_attribute on attrelid = id
        where attnum > 0 and not attisdropped
      union all select name || ':' || relname from wanted join pg_index on indrelid = id
        join pg_class on pg_class.oid = indexrelid
    )
    select
      (select count(*) from wanted where id is not null)::int as tables,
      (select count(*) from unnest(string_to_array(${needed.join(",")}, ',')) as what
        where what not in (select found.what from found))::int as missing,
      (select obj_description(id, 'pg_class') from wanted where name = ${marked}) as mark`);
  const facts = row as { tables: number; missing: number; mark: string | null };
  const migrated = readMark(facts.mark);
  const isBehind = facts.missing > 0 || (migrated !== undefined && migrated < latest);
  return { state: facts.tables === 0 ? "absent" : isBehind ? "behind" : "current", migrated };
}

const mark = (latest: number): string => `authio schema ${latest}`;

function readMark(comment: string | null): number | undefined {
  const found = /^authio schema (\d+)$/.exec(comment ?? "")?.[1];
  return found === undefined ? undefined : Number(found);
}

/** Leaves word, for whoever may not read Drizzle's table, of the migration that was the last. Only the tables' owner may. */
export async function markSchema(queries: Queries, latest: number): Promise<void> {
  const [row] = await queries.execute(
    sql`select pg_has_role(relowner, 'usage') as is_owner from pg_class where oid = to_regclass(${marked})`,
  );
  if (row?.["is_owner"] === true)
    await queries.execute(sql.raw(`comment on table ${marked} is '${mark(latest)}'`));
}
