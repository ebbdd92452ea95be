import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { msProvision } from "../../src/cli/ms-provision.ts";
import { createReadiness } from "../../src/operations/readiness.ts";
import { Browser } from "../../src/embedded/browser.ts";
import { createMetrics } from "../../src/processes/metrics/metrics.ts";
import { consent, eventually, newOrg, type Product, start, startProduct } from "../support/product.ts";

// Our own secret is wrong on two workers, and on an API process for a while; it lies in a file, and nothing is restarted.

const folder = mkdtempSync(path.join(os.tmpdir(), "breaker-"));
const file = path.join(folder, "provisioning-secret");
const windowMs = 2500;
let product: Product;
let right: string;
const fromFile = { AUTHIO_MS_PROVISION_CLIENT_SECRET: "", AUTHIO_MS_PROVISION_CLIENT_SECRET_FILE: file };
beforeAll(async () => {
  product = await startProduct({ AUTHIO_CALLBACK_WAIT_MS: "0" });
  right = product.environment["AUTHIO_MS_PROVISION_CLIENT_SECRET"] ?? "";
});
afterAll(async () => {
  await product.stop();
  rmSync(folder, { recursive: true });
});

const statusesOf = async (ids: readonly string[]): Promise<unknown[]> =>
  (await product.sql`select distinct status from ms_provision_requests where id in ${product.sql(ids)}`).map(
    ({ status }) => status as unknown,
  );
/** Sent to Microsoft with our own credential. */
const tries = (): number =>
  product.simulator.world.calls.filter(
    ({ call, body }) =>
      call === "token" &&
      (body as { client_id?: string }).client_id === product.environment["AUTHIO_MS_PROVISION_CLIENT_ID"],
  ).length;
const isOpen = async (): Promise<boolean> =>
  (await product.sql`select from provisioning_pauses where cause = 'credential_refused'`).length === 1;

async function proved(): Promise<string> {
  const [browser, tenant] = [new Browser(), product.addTenant()];
  const { id, consent_url: consentUrl } = await start(product, browser, newOrg());
  const callback = await consent(browser, consentUrl, tenant);
  await browser.follow(await browser.request(callback), (url) => url.pathname.includes("/provisions/"));
  return id;
}

async function command(...words: string[]): Promise<string> {
  const lines: string[] = [];
  const environment = { ...product.environment, ...fromFile, USER: "tess" };
  await msProvision(words, { environment, print: (line: string) => void lines.push(line) });
  return lines.join("\n");
}

it("runs wait and fail nobody, one try a window is made for all processes, and the new secret ends it", async () => {
  const ids: string[] = [];
  for (let count = 0; count < 6; count += 1) ids.push(await proved());
  writeFileSync(file, "wrong-for-now");
  for (const _ of [1, 2]) await product.startWorker({ credentialWindowMs: windowMs }, fromFile);
  await eventually(isOpen);
  // Those that were under way when it opened.
  await sleep(1000);
  const [before, sinceMs] = [tries(), Date.now()];
  await sleep(4 * windowMs);
  const made = tries() - before;
  const windows = (Date.now() - sinceMs) / windowMs;
  expect(made).toBeGreaterThanOrEqual(2);
  // Two more in the first window: the pauses double until they are one.
  expect(made).toBeLessThanOrEqual(Math.ceil(windows) + 2);
  expect(await statusesOf(ids)).toEqual(["provisioning"]);

  // All who look are told.
  const readiness = await createReadiness(product.api)();
  expect(readiness).toMatchObject({ status: "ready", reasons: ["credential_refused"] });
  const metrics = await createMetrics().text({ ...product.api, readiness });
  expect(metrics).toContain("authio_credential_refused 1");
  expect(await command("list")).toMatch(/^Provisioning waits since .*: Microsoft refuses our own credential/);
  expect(await command("doctor")).toMatch(/FAIL +pause +provisioning waits since/);
  // Nobody is sent to Microsoft in vain once it lasts.
  expect((await start(product, new Browser(), newOrg())).id).toMatch(/^mspr_/);
  await product.sql`update provisioning_pauses set since = since - interval '3 minutes'`;
  await expect(start(product, new Browser(), newOrg())).rejects.toThrow("start answered 503");
  await product.sql`update provisioning_pauses set since = since + interval '3 minutes'`;

  writeFileSync(file, right);
  await eventually(async () => !(await isOpen()), 10_000);
  await eventually(async () => String(await statusesOf(ids)) === "succeeded", 90_000);
  expect((await start(product, new Browser(), newOrg())).id).toMatch(/^mspr_/);
  const trail = await product.sql`
    select actor, action, detail->>'code' as code from audit_events where action in ('paused', 'unpaused') order by id`;
  const code = "provisioning_credential_refused";
  expect(trail).toEqual([
    { actor: "system", action: "paused", code },
    { actor: "system", action: "unpaused", code },
  ]);
});

it("a proof that meets it opens it, is told so, and ends it by a reload once the secret is right", async () => {
  const [browser, tenant] = [new Browser(), product.addTenant()];
  const { id, consent_url: consentUrl } = await start(product, browser, newOrg());
  product.answerWith(product.addReplica({ AUTHIO_MS_PROVISION_CLIENT_SECRET: "wrong" }));
  await product.stopWorkers();
  const leg2 = await provingLeg(browser, await consent(browser, consentUrl, tenant));
  for (const _ of [1, 2]) {
    expect((await browser.request(leg2)).status).toBe(503);
    expect(await isOpen()).toBe(true);
  }
  expect(await statusesOf([id])).toEqual(["consented"]);

  product.answerWith(product.api);
  await browser.follow(await browser.request(leg2), (url) => url.pathname.includes("/provisions/"));
  expect(await isOpen()).toBe(false);
  writeFileSync(file, right);
  await product.startWorker({}, fromFile);
  await eventually(async () => String(await statusesOf([id])) === "succeeded");
});

it("resume has it tried at once, where the same secret is right at Microsoft now", async () => {
  writeFileSync(file, "not-there-yet");
  await product.stopWorkers();
  await product.startWorker({}, fromFile);
  const id = await proved();
  await eventually(isOpen);
  await product.sql`update provisioning_pauses set try_at = now() + interval '1 hour'`;
  const { provisioningApp } = product.simulator.world;
  Object.assign(provisioningApp, { clientSecret: "not-there-yet" });
  await sleep(3000);
  expect(await isOpen()).toBe(true);
  expect(await command("resume", "--reason", "it was set at Microsoft")).toContain("tries it again now");
  await eventually(async () => !(await isOpen()), 10_000);
  await eventually(async () => String(await statusesOf([id])) === "succeeded", 60_000);
  Object.assign(provisioningApp, { clientSecret: right });
});

/** From the consent to where Microsoft sends the browser with a code. */
async function provingLeg(browser: Browser, leg1: string): Promise<string> {
  const authorize = (await browser.request(leg1)).headers.get("location") ?? "";
  return (await browser.request(authorize)).headers.get("location") ?? "";
}
