import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { msProvision } from "../../src/cli/ms-provision.ts";
import { liveApplications, type Product, startProduct } from "../support/product.ts";
import { type Connected, operatorsOf } from "../support/operators.ts";

// What operators do to any organization's connection, over HTTP and at the commands.

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  await product.startWorker();
});
afterAll(() => product.stop());

const { connected, call, statusOf, endOf } = operatorsOf(() => product);

async function command(...args: string[]) {
  const lines: string[] = [];
  const environment = { ...product.environment, USER: "tess" };
  const code = await msProvision(["connections", ...args], {
    environment,
    print: (line) => void lines.push(line),
  });
  return { code, lines, output: lines.join("\n") };
}

const trailOf = async (one: Connected) =>
  product.sql`select actor, action, detail ->> 'reason' as reason from audit_events
    where connection_id = ${one.id} and actor like 'operator:%' order by id`;
const reason = "the customer's letter of 28 November";

it("shows how a connection does: refused sign-ins by day and cause, and what needs attention", async () => {
  const one = await connected();
  expect((await command("show", one.id)).output).toContain("looked at     not yet");
  await product.sql`insert into daily_sign_in_failures (connection_id, day, code, count, last_at)
    values (${one.id}, (now() at time zone 'utc')::date, 'signin_not_assigned', 3, now())`;
  const reasons = [{ code: "claims_changed", since: "2026-11-27T10:00:00.000Z" }];
  await product.sql`insert into connection_health (connection_id, due_at, looked_at, reasons)
    values (${one.id}, now(), now(), ${product.sql.json(reasons)})`;
  const { code, output } = await command("show", one.id);
  expect(code).toBe(0);
  expect(output).toMatch(/consent +not known yet/);
  expect(output).toContain(
    "claims_changed since 2026-11-27T10:00:00.000Z: The application's claims were changed.",
  );
  expect(output).toMatch(/\d{4}-\d\d-\d\d +3 +signin_not_assigned/);
  expect(JSON.parse((await command("show", one.id, "--json")).output)).toMatchObject({
    id: one.id,
    users_consented: null,
    needs_attention: reasons,
    sign_in_failures: [{ code: "signin_not_assigned", count: 3 }],
  });
  const unknown = `sso_${"0".repeat(32)}`;
  expect((await command("show", unknown)).code).toBe(1);
});

describe("an operator", () => {
  it("suspends, resumes, disconnects and restores over HTTP, with a reason that owners are not shown", async () => {
    const one = await connected();
    const order = (what: string) => call("POST", `/${one.id}/${what}`, { reason });
    expect(await order("suspend")).toMatchObject({ status: 200, body: { id: one.id, status: "suspended" } });
    expect((await order("suspend")).status).toBe(200);
    expect(await order("resume")).toMatchObject({ status: 200, body: { status: "active" } });
    expect(await order("disconnect")).toMatchObject({
      status: 202,
      body: { operation: { kind: "disconnect" } },
    });
    expect(await statusOf(one)).toBe("disconnected");
    await endOf(one, "disconnect");
    expect(liveApplications(one.tenant)).toEqual([]);
    expect((await order("suspend")).body["code"]).toBe("connection_disconnected");
    expect(await order("restore")).toMatchObject({ status: 202, body: { operation: { kind: "restore" } } });
    await endOf(one, "restore");
    expect(await statusOf(one)).toBe("active");
    expect((await order("restore")).body["code"]).toBe("not_disconnected");
    expect(await trailOf(one)).toEqual(
      ["suspended", "resumed", "disconnected", "restore_started"].map((action) => ({
        actor: "operator:tess",
        action,
        reason,
      })),
    );
    const owners = await fetch(`${product.origin}/v1/session/orgs/${one.org}/audit`, {
      headers: { authorization: `Bearer ${await product.session(one.org)}` },
    });
    expect(owners.status).toBe(200);
    expect(await owners.text()).not.toMatch(/letter|tess/);
  });

  it("brings back what an owner switched off only where this is said, and the owner's trail shows it", async () => {
    const one = await connected();
    const owners = async (method: "PATCH" | "DELETE" | "GET", path: string, body?: object) =>
      fetch(`${product.origin}/v1/session/orgs/${one.org}/${path}`, {
        method,
        headers: { authorization: `Bearer ${await product.session(one.org)}` },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
    const order = (what: string, more: object = {}) =>
      call("POST", `/${one.id}/${what}`, { reason, ...more });
    const refused = { status: 409, body: { code: "switched_off_by_owner" } };
    const place = `sso-connections/${one.id}`;

    expect((await owners("PATCH", place, { status: "suspended" })).status).toBe(200);
    expect(await order("resume")).toMatchObject(refused);
    expect(await order("resume", { override_owner: false })).toMatchObject(refused);
    expect(await command("resume", one.id, "--reason", reason)).toMatchObject({
      code: 1,
      output: expect.stringContaining("--override-owner") as unknown,
    });
    expect(await statusOf(one)).toBe("suspended");
    expect(await order("resume", { override_owner: true })).toMatchObject({ body: { status: "active" } });
    // The newest word counts: this time an operator suspends.
    await order("suspend");
    expect((await order("resume")).status).toBe(200);

    expect((await owners("DELETE", place)).status).toBe(202);
    await endOf(one, "disconnect");
    expect(await order("restore")).toMatchObject(refused);
    expect((await command("restore", one.id, "--reason", reason, "--override-owner")).code).toBe(0);
    await endOf(one, "restore");
    const trail = await (await owners("GET", "audit")).text();
    expect(trail.match(/"detail":\{"overrides_owner":true\}/g)).toHaveLength(2);
  });

  it("needs a token and a reason, and names a connection", async () => {
    const one = await connected();
    for (const what of ["suspend", "resume", "disconnect", "restore"]) {
      expect((await call("POST", `/${one.id}/${what}`, { reason }, "x".repeat(30))).status).toBe(401);
      expect((await call("POST", `/${one.id}/${what}`, {})).status).toBe(400);
      for (const id of ["sso_x", `sso_${"0".repeat(32)}`])
        expect((await call("POST", `/${id}/${what}`, { reason })).body["code"]).toBe("not_found");
    }
    expect(await statusOf(one)).toBe("active");
  });

  it("lists connections of every organization, by organization, directory and status, page by page", async () => {
    const [one, other] = [await connected(), await connected()];
    const idsOf = ({ body }: { body: Record<string, unknown> }) =>
      (body["data"] as { id: string }[]).map(({ id }) => id);
    expect(idsOf(await call("GET", `?organization_id=${one.org}`))).toEqual([one.id]);
    expect(idsOf(await call("GET", `?entra_tenant_id=${other.tenant.id}&status=active`))).toEqual([other.id]);
    expect(idsOf(await call("GET", `?entra_tenant_id=${other.tenant.id}&status=suspended`))).toEqual([]);
    const seen: string[] = [];
    for (let after: string | null = ""; after !== null;) {
      const page = await call("GET", `?limit=1${after === "" ? "" : `&after=${after}`}`);
      seen.push(...idsOf(page));
      ({ after } = page.body["list_metadata"] as { after: string | null });
    }
    expect(seen).toEqual(expect.arrayContaining([one.id, other.id]));
    expect(new Set(seen).size).toBe(seen.length);
    expect((await call("GET", "?after=nothing")).status).toBe(400);
  });

  it("names what needs attention, and lists live connections with such a thing alone", async () => {
    const [well, changed] = [await connected(), await connected()];
    const since = "2026-11-01T00:00:00.000Z";
    await product.sql`insert into connection_health (connection_id, due_at, reasons)
      values (${well.id}, now(), '[]'), (${changed.id}, now(),
        ${JSON.stringify([{ code: "claims_changed", since }])}::text::jsonb)`;
    const lineOf = async ({ org }: Connected, ...more: string[]) =>
      (await command("list", "--organization", org, ...more)).lines.at(-1);
    expect(await lineOf(well)).not.toContain("changed");
    expect(await lineOf(well, "--attention")).toBe("No connections.");
    expect(await lineOf(changed, "--attention")).toMatch(/claims_changed$/);
    expect(JSON.parse((await lineOf(changed, "--json")) ?? "")).toMatchObject({
      data: [{ id: changed.id, needs_attention: [{ code: "claims_changed", since }] }],
    });
    await command("disconnect", changed.id, "--reason", reason);
    expect(await lineOf(changed)).not.toContain("claims_changed");
    expect(await lineOf(changed, "--attention")).toBe("No connections.");
  });

  it("does the same at the commands", async () => {
    const one = await connected();
    const listed = await command("list", "--organization", one.org);
    expect(listed.lines[0]).toMatch(/^ID +STATUS +ORGANIZATION/);
    expect(listed.output).toContain(one.id);
    const suspended = await command("suspend", one.id, "--reason", reason, "--json");
    expect(JSON.parse(suspended.output)).toMatchObject({ id: one.id, status: "suspended" });
    expect((await command("resume", one.id, "--reason", reason)).output).toContain("signs people in again");
    const ended = await command("disconnect", one.id, "--reason", reason);
    expect(ended.output).toMatch(/signs nobody in any more; .* ms-provision show op_[0-9a-f]{32}/);
    await endOf(one, "disconnect");
    const restored = await command("restore", one.id, "--reason", reason, "--json");
    expect(JSON.parse(restored.output)).toMatchObject({ operation: { kind: "restore" } });
    await endOf(one, "restore");
    expect((await trailOf(one)).map(({ action, reason: why }) => [action, why] as unknown)).toEqual(
      ["suspended", "resumed", "disconnected", "restore_started"].map((action) => [action, reason]),
    );
    expect((await command("suspend", one.id)).code).toBe(2);
    expect((await command("suspend", "--reason", reason)).code).toBe(2);
    expect((await command("remove", one.id, "--reason", reason)).code).toBe(2);
    expect((await command("list", "--status", "gone")).code).toBe(2);
    expect(await command("suspend", `sso_${"0".repeat(32)}`, "--reason", reason)).toMatchObject({
      code: 1,
      output: expect.stringContaining("not_found") as unknown,
    });
  });
});
