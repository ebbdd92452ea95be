// A bare Hono route with one insert, in a process of its own: what the start endpoint is compared with. Prints its port.
import { randomUUID } from "node:crypto";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import postgres from "postgres";

const sql = postgres(process.env.DATABASE_URL, { max: 10, onnotice: () => {} });
await sql`create table if not exists bare_inserts (id text primary key, body text not null)`;
const app = new Hono();
app.post("/", async (c) => {
  const id = randomUUID();
  await sql`insert into bare_inserts values (${id}, ${await c.req.text()})`;
  return c.json({ id }, 201);
});
serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, ({ port }) => process.stdout.write(`${port}\n`));
