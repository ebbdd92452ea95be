import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { systemClock } from "../../src/domain/clock.ts";
import { Browser } from "../../src/embedded/browser.ts";
import { msProvision } from "../../src/cli/ms-provision.ts";
import { newApplication } from "../../src/simulator/directory.ts";
import { noRealism } from "../../src/simulator/options.ts";
import {
  connect,
  consent,
  eventually,
  liveApplications,
  newOrg,
  operatorToken,
  type Product,
  start,
  startProduct,
} from "../support/product.ts";

let product: Product;

beforeAll(async () => {
  product = await startProduct({ AUTHIO_CALLBACK_WAIT_MS: "0" });
  await product.startWorker();
});
afterAll(() => product.stop());
afterEach(() => {
  product.simulator.world.realism = noRealism;
  product.simulator.world.setFaults([]);
});

const cancel = (id: string, body: object = { reason: "customer asked" }, token = operatorToken) =>
  fetch(`${product.origin}/v1/admin/ms-provisions/${id}/cancel`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
const rowOf = async (id: string) =>
  (await product.sql`select status, error_code, cleanup from ms_provision_requests where id = ${id}`)[0];

async function command(...args: string[]): Promise<{ code: number; output: string }> {
  const lines: string[] = [];
  const code = await msProvision(args, {
    environment: product.environment,
    print: (line) => void lines.push(line),
  });
  return { code, output: lines.join("\n") };
}

/** Proved and provisioning, held up by Microsoft. */
async function heldUp() {
  product.simulator.world.setFaults([{ call: "addPassword", kind: "answer", status: 503, times: 999 }]);
  const [browser, org, tenant] = [new Browser(), newOrg(), product.addTenant()];
  const { id, consent_url: consentUrl } = await start(product, browser, org);
  const callback = await consent(browser, consentUrl, tenant);
  await browser.follow(await browser.request(callback), (url) => url.pathname.includes("/provisions/"));
  await eventually(() => liveApplications(tenant).length === 1);
  return { id, org, tenant };
}

it("cancels a run under way: the person has the answer, what it made is gone", async () => {
  const { id, tenant } = await heldUp();
  expect((await cancel(id)).status).toBe(202);
  expect(await rowOf(id)).toMatchObject({ status: "failed", error_code: "cancelled_by_operator" });
  await eventually(async () => (await rowOf(id))?.["cleanup"] === "done");
  expect(liveApplications(tenant)).toEqual([]);
  expect(await (await cancel(id)).json()).toMatchObject({ code: "already_final" });
  const events =
    await product.sql`select actor, action, detail from audit_events where request_id = ${id} and action in ('failed', 'cancelled')`;
  expect(events).toEqual([
    expect.objectContaining({ actor: "operator:tess", action: "cancelled" }) as unknown,
  ]);
});

it("cancels while no worker runs; the undo follows when one does", async () => {
  const { id, tenant } = await heldUp();
  await product.stopWorkers();
  expect((await cancel(id)).status).toBe(202);
  product.simulator.world.setFaults([]);
  await product.startWorker();
  await eventually(async () => (await rowOf(id))?.["cleanup"] === "done", 80_000);
  expect(liveApplications(tenant)).toEqual([]);
});

it("passes a cancellation on that Temporal did not take", async () => {
  const { id, tenant } = await heldUp();
  const away = { ...product.api.runs, cancel: () => Promise.reject(new Error("Temporal is away")) };
  const { cancel: stop } = await import("../../src/operations/cancel.ts");
  const { isTold } = await stop({
    ctx: { database: product.api.database, runs: away, clock: systemClock },
    input: { id: id as never, by: { kind: "operator", name: "tess", reason: "Temporal was away" } },
  });
  expect(isTold).toBe(false);
  await eventually(async () => (await rowOf(id))?.["cleanup"] === "done", 80_000);
  expect(liveApplications(tenant)).toEqual([]);
});

it("cancels before the proof: the callback then says so", async () => {
  const [browser, org, tenant] = [new Browser(), newOrg(), product.addTenant()];
  const { id, consent_url: consentUrl } = await start(product, browser, org);
  expect((await cancel(id)).status).toBe(202);
  const callback = await consent(browser, consentUrl, tenant);
  const end = await browser.follow(await browser.request(callback), (url) => url.pathname === "/settings");
  expect(end.searchParams.get("error")).toBe("cancelled_by_operator");
  expect(liveApplications(tenant)).toEqual([]);
});

it("refuses to cancel without a reason, without a token, and what has succeeded", async () => {
  const { id } = await connect(product, product.addTenant());
  expect((await cancel(id, {})).status).toBe(400);
  expect((await cancel(id, { reason: "x" }, "wrong")).status).toBe(401);
  expect((await cancel(id)).status).toBe(409);
  expect((await rowOf(id))?.["status"]).toBe("succeeded");
});

it("the commands: list, show, cancel, and their refusals", async () => {
  const { id, org } = await heldUp();
  expect((await command("list", "--organization", org)).output).toContain(id);
  await expect
    .poll(async () => (await command("list", "--organization", org)).output)
    .toMatch(/addPassword, attempt \d+: microsoft_unavailable/);
  expect((await command("show", id)).output).toContain("addPassword");
  expect(await command("cancel", id)).toEqual({
    code: 2,
    output: expect.stringContaining("give a --reason; it goes into the audit trail") as unknown,
  });
  expect((await command("cancel", id, "--reason", "test")).code).toBe(0);
  expect((await command("cancel", id, "--reason", "test")).output).toContain("already_final");
  expect((await command("cancel", "nonsense", "--reason", "test")).code).toBe(2);
  expect((await command("dance")).code).toBe(2);
  expect((await command("list", "--status", "dancing")).output).toContain("--status is one of");
  await eventually(async () => (await rowOf(id))?.["cleanup"] === "done");
});

it("sweep deletes one on explicit order, after checking whose it is, and ends what waited for a person", async () => {
  const tenant = product.addTenant();
  const { id } = await connect(product, tenant);
  const [named] = liveApplications(tenant);
  const stray = newApplication(
    `Authio SSO mspr_${randomBytes(16).toString("hex")}.1`,
    product.simulator.world.provisioningApp.clientId,
  );
  const foreign = newApplication("Payroll", product.simulator.world.provisioningApp.clientId);
  tenant.applications.push(stray, foreign);
  const listed = await command("sweep", "--tenant", tenant.id);
  expect(listed.output).toContain(stray.id);
  expect(listed.output).toContain("Nothing was deleted");
  for (const objectId of [named?.id ?? "", foreign.id])
    expect((await command("sweep", "--tenant", tenant.id, "--delete", objectId, "--reason", "x")).code).toBe(
      2,
    );
  expect((await command("sweep", "--delete", stray.id, "--reason", "x")).code).toBe(2);
  expect(
    (await command("sweep", "--tenant", tenant.id, "--delete", stray.id, "--reason", "left over")).code,
  ).toBe(0);
  expect([named?.deletedMs, foreign.deletedMs]).toEqual([null, null]);
  expect(stray.deletedMs).not.toBeNull();
  expect(await product.sql`select detail from audit_events where action = 'swept'`).toHaveLength(1);
  expect((await rowOf(id))?.["status"]).toBe("succeeded");
});

it("a person's word ends a clean-up that could not finish, and only that", async () => {
  product.simulator.world.realism = { ...noRealism, secretLifetimeMaxDays: 0 };
  const { id } = await connect(product, product.addTenant());
  await eventually(async () => (await rowOf(id))?.["cleanup"] === "done");
  expect((await command("sweep", "--acknowledge", id, "--reason", "x")).output).toContain(
    "no clean-up was waiting",
  );
  await product.sql`update connection_operations set cleanup = 'needs_operator' where request_id = ${id}`;
  await product.sql`update ms_provision_requests set cleanup = 'needs_operator' where id = ${id}`;
  expect((await command("show", id)).output).toContain("sweep --acknowledge");
  expect((await command("sweep", "--acknowledge", id, "--reason", "deleted in the portal")).code).toBe(0);
  expect((await rowOf(id))?.["cleanup"]).toBe("done");
});
