import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { msProvision } from "../../src/cli/ms-provision.ts";
import { Browser } from "../../src/embedded/browser.ts";
import {
  eventually,
  liveApplications,
  operatorToken,
  type Product,
  startProduct,
} from "../support/product.ts";
import { type Connected, operatorsOf } from "../support/operators.ts";
import { beginSignIn } from "../support/sign-in.ts";

// After a backup: what was suspended and disconnected since is so again, from the exported audit trail.

let product: Product;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "replay-"));
  product = await startProduct();
  await product.startWorker();
});
afterAll(async () => {
  await product.stop();
  await rm(folder, { recursive: true });
});

const { connected } = operatorsOf(() => product);
const headers = { authorization: `Bearer ${operatorToken}` };
async function order({ id }: Connected, what: string): Promise<void> {
  const url = `${product.origin}/v1/admin/sso-connections/${id}/${what}`;
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify({ reason: "a test" }) });
  expect(answer.ok).toBe(true);
  await eventually(async () => {
    const rows =
      await product.sql`select from connection_operations where connection_id = ${id} and status in ('waiting', 'running')`;
    return rows.length === 0;
  });
}
const rowOf = async ({ id }: Connected) =>
  (await product.sql`select * from sso_connections where id = ${id}`)[0];

const tables = [
  "sso_connections",
  "connection_operations",
  "ms_provision_requests",
  "audit_events",
  "events",
] as const;
/** What the database holds now; called, it holds that again, and gives the ids of audit rows that it lost anew. */
async function backup(): Promise<() => Promise<void>> {
  const { sql } = product;
  const kept = new Map<string, unknown>();
  for (const table of tables)
    kept.set(
      table,
      (await sql`select coalesce(jsonb_agg(t), '[]') as rows from ${sql(table)} t`)[0]?.["rows"],
    );
  return () =>
    sql.begin(async (q) => {
      await q`alter table audit_events disable trigger audit_events_append_only`;
      for (const table of tables) {
        await q`delete from ${q(table)}`;
        await q`insert into ${q(table)} select * from jsonb_populate_recordset(null::${q(table)}, ${q.json(kept.get(table) as never)})`;
      }
      await q`alter table audit_events enable trigger audit_events_append_only`;
      await q`select setval('audit_events_id_seq', (select max(id) from audit_events))`;
    });
}

async function replay(...args: string[]) {
  const lines: string[] = [];
  const shell = {
    environment: { ...product.environment, USER: "tess" },
    print: (line: string) => void lines.push(line),
  };
  const code = await msProvision(["connections", "replay", ...args], shell);
  return { code, output: lines.join("\n") };
}
async function outcomes(...args: string[]): Promise<Record<string, unknown>> {
  const { output } = await replay("--json", ...args);
  const { data } = JSON.parse(output) as { data: { connection_id: string; outcome: string }[] };
  return Object.fromEntries(data.map((one) => [one.connection_id, one.outcome]));
}

it("what was suspended or disconnected after the backup is so again; the rest is left to a person, and said", async () => {
  const [suspended, disconnected, resumed, both, since, again, restored, untouched] = [
    await connected(),
    await connected(),
    await connected(),
    await connected(),
    await connected(),
    await connected(),
    await connected(),
    await connected(),
  ];
  await order(resumed, "suspend");
  await order(restored, "disconnect");
  await order(untouched, "suspend");
  const restore = await backup();
  const epochOf = async (one: Connected) => Number((await rowOf(one))?.["epoch"]);
  const epochs = [await epochOf(suspended), await epochOf(disconnected)];

  await order(suspended, "suspend");
  await order(disconnected, "disconnect");
  await order(resumed, "resume");
  await order(both, "suspend");
  await order(both, "resume");
  await order(since, "suspend");
  await order(again, "disconnect");
  await order(again, "restore");
  await order(restored, "restore");
  const made = await connected();
  const disconnectedAt = (await rowOf(disconnected))?.["disconnected_at"] as Date;
  const exported = await fetch(`${product.origin}/v1/audit?format=jsonl`, { headers });
  const file = path.join(folder, "audit.jsonl");
  await writeFile(file, await exported.text());
  await product.stopWorkers();
  await restore();
  // Somebody looked after this one already, under an audit id that the export has for something else.
  await order(since, "suspend");
  await order(since, "resume");

  const expected = {
    [suspended.id]: "set",
    [disconnected.id]: "set",
    [resumed.id]: "resume_by_hand",
    [both.id]: "as_said",
    [since.id]: "changed_since",
    [again.id]: "connect_again",
    [restored.id]: "restore_by_hand",
    [made.id]: "not_here",
  };
  expect(await outcomes("--from", file)).toEqual(expected);
  const looked = await replay("--from", file);
  expect(looked.code).toBe(0);
  expect(looked.output).toContain("2 would be set, 4 left for you; nothing was changed.");
  expect([(await rowOf(suspended))?.["status"], (await rowOf(disconnected))?.["status"]]).toEqual([
    "active",
    "active",
  ]);

  const applied = await replay("--from", file, "--apply", "--reason", "restored from Tuesday's dump");
  expect(applied.code).toBe(1);
  expect(applied.output).toContain("2 set, 4 left for you.");
  expect(await rowOf(suspended)).toMatchObject({ status: "suspended", epoch: (epochs[0] ?? 0) + 1 });
  expect(await rowOf(disconnected)).toMatchObject({
    status: "disconnected",
    epoch: (epochs[1] ?? 0) + 1,
    sealed_secret: null,
    disconnected_at: disconnectedAt,
  });
  const beginning = (one: Connected) =>
    beginSignIn(new Browser(), `${product.origin}/v1/sso/connections/${one.id}`);
  expect(await beginning(both)).not.toBe("");
  expect([await beginning(suspended), await beginning(disconnected)]).toEqual(["", ""]);
  const trail = await product.sql`
    select connection_id, action from audit_events
    where actor = 'operator:tess' and detail ->> 'reason' = 'restored from Tuesday''s dump' order by id`;
  expect(trail).toEqual([
    { connection_id: suspended.id, action: "suspended" },
    { connection_id: disconnected.id, action: "disconnected" },
  ]);
  // A second time there is nothing to set.
  expect(await outcomes("--from", file, "--apply", "--reason", "again")).toMatchObject({
    [suspended.id]: "changed_since",
    [disconnected.id]: "changed_since",
  });

  // The services start: what is gone at Microsoft counts as removed, and can be brought back.
  await product.startWorker();
  await eventually(async () => {
    const rows =
      await product.sql`select from connection_operations where connection_id = ${disconnected.id} and kind = 'disconnect' and status = 'succeeded' and cleanup = 'done'`;
    return rows.length === 1;
  });
  expect(liveApplications(disconnected.tenant)).toEqual([]);
  await order(disconnected, "restore");
  expect(await rowOf(disconnected)).toMatchObject({ status: "active", disconnected_at: null });
  expect(liveApplications(disconnected.tenant)).toHaveLength(1);
});

it("keeps whose decision it was, over two backups", async () => {
  const [suspended, disconnected, keptOff] = [await connected(), await connected(), await connected()];
  const owners = async ({ id, org }: Connected, method: "PATCH" | "DELETE", body?: object): Promise<void> => {
    const answer = await fetch(`${product.origin}/v1/session/orgs/${org}/sso-connections/${id}`, {
      method,
      headers: { authorization: `Bearer ${await product.session(org)}` },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    expect(answer.ok).toBe(true);
  };
  await owners(keptOff, "PATCH", { status: "suspended" });
  const restore = await backup();
  await owners(suspended, "PATCH", { status: "suspended" });
  // Its status is no other than in the backup; who wants it so is.
  await order(keptOff, "suspend");
  await owners(disconnected, "PATCH", { status: "suspended" });
  await order(disconnected, "disconnect");
  const again = async (name: string): Promise<void> => {
    const exported = await fetch(`${product.origin}/v1/audit?format=jsonl`, { headers });
    const file = path.join(folder, name);
    await writeFile(file, await exported.text());
    await product.stopWorkers();
    await restore();
    expect(await outcomes("--from", file, "--apply", "--reason", "a backup")).toMatchObject({
      [suspended.id]: "set",
      [disconnected.id]: "set",
      [keptOff.id]: "set",
    });
    expect((await rowOf(keptOff))?.["switched_off_by"]).toEqual(["owner", "operator"]);
    expect((await rowOf(suspended))?.["switched_off_by"]).toEqual(["owner"]);
    expect((await rowOf(disconnected))?.["switched_off_by"]).toEqual(["owner", "operator"]);
    await product.startWorker();
  };
  await again("decisions.jsonl");
  // The trail of now says it through the rows that the replay wrote.
  await again("decisions-again.jsonl");
  const resume = await fetch(`${product.origin}/v1/admin/sso-connections/${suspended.id}/resume`, {
    method: "POST",
    headers,
    body: JSON.stringify({ reason: "a test" }),
  });
  expect(((await resume.json()) as { code: string }).code).toBe("switched_off_by_owner");
});

it("refuses what is no export, and to change anything without a reason", async () => {
  const file = path.join(folder, "other.jsonl");
  await writeFile(file, '{"id":"aud_1"}\n');
  expect(await replay("--from", file)).toMatchObject({
    code: 2,
    output: expect.stringContaining("line 1 is none of an audit export") as unknown,
  });
  expect(await replay("--from", path.join(folder, "none"))).toMatchObject({
    code: 2,
    output: expect.stringContaining("cannot be read") as unknown,
  });
  expect((await replay()).code).toBe(2);
  await writeFile(file, "\n");
  expect((await replay("--from", file, "--apply")).code).toBe(2);
  expect(await replay("--from", file, "--apply", "--reason", "nothing in it")).toMatchObject({
    code: 0,
    output: "0 set, 0 left for you.",
  });
});
