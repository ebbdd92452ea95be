import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Database, openDatabase } from "../../src/db/client.ts";
import { DatabaseError } from "../../src/db/database-error.ts";
import { type Product, startProduct } from "../support/product.ts";

// BEGIN, a lock and the first statement are sent together: what the first two fail with is what the caller hears, and
// nothing of the work happens outside the transaction.

let product: Product;
let database: Database;
const lock = "one at a time";
const write = (note: string) =>
  database.transaction((q) => q.execute(sql`insert into written values (${note})`), lock);
const written = async () =>
  (await product.sql`select note from written order by note`).map(({ note }) => note);

beforeAll(async () => {
  product = await startProduct();
  await product.sql`create table written (note text)`;
  const url = new URL(product.environment["DATABASE_URL"] ?? "");
  await product.sql
    .unsafe(`grant all on written to public; alter role ${url.username} set lock_timeout = '300ms'`)
    .simple();
  database = openDatabase(url.href);
  // The lane is connected from now on.
  await write("first");
});
afterAll(async () => {
  await database.close();
  await product.stop();
});

async function whileHeld(work: () => Promise<unknown>): Promise<unknown> {
  const other = openDatabase(product.environment["DATABASE_URL"] ?? "");
  let release = (): void => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const holder = other.transaction(() => held, lock);
  await sleep(200);
  try {
    return await work().catch((error: unknown) => error);
  } finally {
    release();
    await holder;
    await other.close();
  }
}

it("a lock that is not to be had is told as that, and nothing is written", async () => {
  const error = await whileHeld(() => write("refused"));
  expect(error).toBeInstanceOf(DatabaseError);
  expect(error).toMatchObject({ code: "55P03" });
  expect(await written()).toEqual(["first"]);
});

it("the lane serves again after that", async () => {
  await write("second");
  expect(await written()).toEqual(["first", "second"]);
});

it("what waits for the lock sees what its holder wrote", async () => {
  const counts = await Promise.all(
    Array.from({ length: 12 }, () =>
      database.transaction(async (q) => {
        const [row] = await q.execute<{
          count: number;
        }>(sql`with found as (select count(*)::int as count from written),
          added as (insert into written values ('counted')) select count from found`);
        return row?.count;
      }, lock),
    ),
  );
  expect(new Set(counts).size).toBe(12);
});

it("work that sends nothing fails with its BEGIN", async () => {
  const error = await whileHeld(() => database.transaction(async () => "nothing", lock));
  expect(error).toMatchObject({ code: "55P03" });
});
