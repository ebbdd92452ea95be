import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { msProvision } from "../../src/cli/ms-provision.ts";
import { recordSignIn } from "../../src/db/sign-ins.ts";
import type { ConnectionId } from "../../src/domain/ids.ts";
import { noteDue } from "../../src/operations/note-due.ts";
import { connect, eventually, operatorToken, type Product, startProduct } from "../support/product.ts";
import { Browser } from "../../src/embedded/browser.ts";
import { beginSignIn, chooseUser } from "../support/sign-in.ts";
import { type Received, startReceiver } from "../support/receiver.ts";
import { verify } from "../support/webhooks.ts";

// Events that time brings (counts of sign-ins, secrets that end), and the feed at the keyboard.

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  await product.startWorker();
});
afterAll(() => product.stop());

async function connected() {
  const tenant = product.addTenant();
  const { end, org } = await connect(product, tenant);
  return { tenant, org, id: (end.searchParams.get("connection") ?? "") as ConnectionId };
}
const note = (): Promise<void> => noteDue({ ctx: product.api });
async function eventsOf(org: string, event: string): Promise<Record<string, unknown>[]> {
  const query = new URLSearchParams({ organization_id: org, event }).toString();
  const answer = await fetch(`${product.origin}/v1/events?${query}`, {
    headers: { authorization: `Bearer ${operatorToken}` },
  });
  const { data } = (await answer.json()) as { data: { data: { metadata: Record<string, unknown> } }[] };
  return data.map((one) => one.data.metadata);
}

describe("sign-ins", () => {
  it("are told as one number a day, once the day is over", async () => {
    const one = await connected();
    const browser = new Browser();
    const base = `${product.origin}/v1/sso/connections/${one.id}`;
    const callback = await chooseUser(browser, one.tenant, await beginSignIn(browser, base));
    expect((await browser.request(callback)).status).toBe(200);
    const today = new Date().toISOString().slice(0, 10);
    await eventually(
      async () =>
        (
          await product.sql`select count from daily_sign_ins where connection_id = ${one.id} and day = ${today}`
        )[0]?.["count"] === 1,
    );
    await Promise.all(Array.from({ length: 9 }, () => recordSignIn(product.api.database, one.id)));
    await note();
    expect(await eventsOf(one.org, "sso.connection.sign_ins")).toEqual([]);
    await product.sql`update daily_sign_ins set day = '2026-11-01' where connection_id = ${one.id}`;
    await Promise.all([note(), note()]);
    await note();
    expect(await eventsOf(one.org, "sso.connection.sign_ins")).toEqual([{ day: "2026-11-01", sign_ins: 10 }]);
    const [row] =
      await product.sql`select detail, actor from audit_events where connection_id = ${one.id} and action = 'sign_ins_counted'`;
    expect(row).toEqual({ detail: { day: "2026-11-01", sign_ins: 10 }, actor: "system" });
  });
});

describe("a secret that ends", () => {
  const endIn = async (id: string, days: number, renewalError: string | null): Promise<void> => {
    await product.sql`update sso_connections set renewal_error_code = ${renewalError}, renewal_attempted_at = now(),
      secret_expires_at = now() + make_interval(days => ${days}) - interval '1 minute' where id = ${id}`;
    await Promise.all([note(), note()]);
  };

  it("is told at 60, 30, 7 and 1 days while its renewal fails, each once", async () => {
    const one = await connected();
    for (const days of [61, 60, 59, 30, 20, 7, 6, 1]) await endIn(one.id, days, "consent_missing");
    const told = await eventsOf(one.org, "sso.connection.secret_expiring");
    expect(told.map(({ days }) => days)).toEqual([60, 30, 7, 1]);
    expect(told[0]).toEqual({ days: 60, code: "consent_missing" });
  });

  it("is told once where it is found late, and again for another secret", async () => {
    const one = await connected();
    await endIn(one.id, 3, "consent_missing");
    await endIn(one.id, 3, "consent_missing");
    await product.sql`update sso_connections set secret_key_id = gen_random_uuid()::text where id = ${one.id}`;
    await endIn(one.id, 3, "consent_missing");
    expect(await eventsOf(one.org, "sso.connection.secret_expiring")).toHaveLength(2);
  });

  it("is nobody's business while its renewal works, or once the connection is gone", async () => {
    const [well, gone] = [await connected(), await connected()];
    await endIn(well.id, 3, null);
    await product.sql`update sso_connections set status = 'disconnected', sealed_secret = null where id = ${gone.id}`;
    await endIn(gone.id, 3, "consent_missing");
    for (const { org } of [well, gone])
      expect(await eventsOf(org, "sso.connection.secret_expiring")).toEqual([]);
  });
});

describe("ms-provision", () => {
  async function run(args: string[], signal?: AbortSignal): Promise<{ code: number; lines: string[] }> {
    const lines: string[] = [];
    const { environment } = product;
    const shell = {
      environment,
      print: (line: string) => void lines.push(line),
      ...(signal ? { signal } : {}),
    };
    return { code: await msProvision(args, shell), lines };
  }

  it("events tail prints what is there and what comes", async () => {
    const lines: string[] = [];
    const ending = new AbortController();
    const { environment } = product;
    const one = await connected();
    const tailing = msProvision(["events", "tail", "--after", "0", "--organization", one.org, "--json"], {
      environment,
      print: (line) => void lines.push(line),
      signal: ending.signal,
    });
    await eventually(() => lines.length === 1);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ event: "sso.connection.created" });
    await connect(product, one.tenant, { org: one.org });
    await eventually(() => lines.length === 2);
    ending.abort();
    expect(await tailing).toBe(0);
    const stopped = AbortSignal.timeout(1500);
    expect(
      (
        await run(["events", "tail", "--after", "0", "--event", "sso.connection.created"], stopped)
      ).lines.join(),
    ).toContain(one.id);
    expect(
      (await run(["events", "tail", "--organization", one.org], AbortSignal.timeout(1500))).lines,
    ).toEqual([]);
    expect((await run(["events", "tail", "--event", "nothing"])).code).toBe(2);
    expect((await run(["events", "tail", "--after", "x"])).code).toBe(2);
    expect((await run(["events"])).code).toBe(2);
  });

  it("webhooks adds, lists, tests, rotates, replays and removes", async () => {
    const receiver = await startReceiver();
    const added = await run(["webhooks", "add", receiver.url, "--event", "sso.connection.created"]);
    expect(added.code).toBe(0);
    const id = /whk_[0-9a-f]{32}/.exec(added.lines[0] ?? "")?.[0] ?? "";
    const secret = /whsec_[\w-]+/.exec(added.lines.join())?.[0] ?? "none";
    expect((await run(["webhooks", "test", id])).lines[0]).toContain("delivered, attempts 1, answered 204");
    const one = await connected();
    await eventually(() => receiver.of(one.id).length === 1);
    expect((await run(["webhooks", "replay", id, "--from", "2026-01-01T00:00:00Z"])).lines[0]).toContain(
      "sent again",
    );
    await eventually(() => receiver.of(one.id).length === 2);
    const listed = await run(["webhooks"]);
    expect(listed.lines[0]).toContain(`${id}  on`);
    expect(listed.lines.join()).not.toContain(secret);
    expect((await run(["webhooks", "list", "--json"])).lines.join()).not.toMatch(/whsec_|asv1/);
    const json = await run(["webhooks", "test", id, "--json"]);
    expect(JSON.parse(json.lines.join())).toMatchObject({
      kind: "test",
      status: "delivered",
      last_status: 204,
    });
    const rotated = await run(["webhooks", "rotate", id]);
    const next = /whsec_[\w-]+/.exec(rotated.lines.join())?.[0] ?? "none";
    expect([rotated.code, rotated.lines.at(-1)]).toEqual([0, expect.stringContaining("for 24 hours")]);
    await run(["webhooks", "test", id]);
    const latest = receiver.received.at(-1) as Received;
    // Each alone is enough: both sign.
    for (const one of [secret, next]) expect(verify(latest, one)).toMatchObject({ action: "webhook.test" });
    expect(next).not.toBe(secret);
    receiver.answer(() => 500);
    expect((await run(["webhooks", "test", id])).lines[0]).toContain(
      "failed, attempts 1, answered 500: status",
    );
    expect((await run(["webhooks", "remove", id])).code).toBe(0);
    expect((await run(["webhooks", "remove", id])).code).toBe(1);
    for (const wrong of [
      ["add"],
      ["add", receiver.url, "--event", "x"],
      ["replay", id],
      ["rotate"],
      ["other"],
    ])
      expect((await run(["webhooks", ...wrong])).code).toBe(2);
    expect((await run(["webhooks", "add", "https://10.0.0.1/"])).lines[0]).toContain(
      "webhook_url_not_allowed",
    );
    await receiver.stop();
  });
});
