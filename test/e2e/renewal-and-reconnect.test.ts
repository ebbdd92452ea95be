import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renewDue } from "../../src/activities/maintenance/renew-due.ts";
import { Browser } from "../../src/embedded/browser.ts";
import { freePort } from "../../src/embedded/free-port.ts";
import { msProvision } from "../../src/cli/ms-provision.ts";
import { reconcile } from "../../src/operations/reconcile.ts";
import { wireActivities } from "../../src/processes/wire-activities.ts";
import { loadWorkerConfig } from "../../src/config/load-config.ts";
import type { SimulatedTenant } from "../../src/simulator/directory.ts";
import type { Fault } from "../../src/simulator/options.ts";
import {
  connect,
  consent,
  eventually,
  finish,
  liveApplications,
  newOrg,
  type Product,
  start,
  startProduct,
} from "../support/product.ts";

let product: Product;

beforeAll(async () => {
  product = await startProduct();
  await product.startWorker();
});
afterAll(() => product.stop());

const noSecrets: Fault = { call: "addPassword", kind: "answer", status: 503, times: 1_000_000 };
const rowOf = async (id: string) =>
  (await product.sql`select * from ms_provision_requests where id = ${id}`)[0];
const operationOf = async (id: string) =>
  (await product.sql`select * from connection_operations where ${id} in (id, request_id)`)[0];
const renewalOf = async (org: string) =>
  (await product.sql`select * from connection_operations where org_id = ${org} and kind = 'renew'`)[0];

/** A connection whose secret ends soon, and its renewal: written only, or under way and held up by Microsoft. */
async function renewing(state: "waiting" | "running") {
  const [tenant, org] = [product.addTenant(), newOrg()];
  const { id } = await connect(product, tenant, { org });
  await product.temporal.workflow.getHandle(`ms-provision-${id}`).result();
  product.simulator.world.setTenantFaults(tenant.id, [noSecrets]);
  await product.sql`update sso_connections set updated_at = now() - interval '600 days', secret_expires_at = now() + interval '59 days' where org_id = ${org}`;
  await renew(state === "running");
  if (state === "running")
    await eventually(async () => Number((await renewalOf(org))?.["credential_attempt"]) > 1);
  const renewal = await renewalOf(org);
  return { tenant, org, first: id, renewal: String(renewal?.["id"]) };
}

async function renew(driven: boolean): Promise<void> {
  const { database, runs } = product.api;
  const config = loadWorkerConfig(product.environment);
  if (config.provisioning.kind !== "configured") throw new Error("the test product must be configured");
  await renewDue(wireActivities({ ...config, provisioning: config.provisioning }, database))({});
  if (driven)
    await reconcile({ ctx: { database, runs, log: product.log }, input: { ssoOrigin: product.origin } });
}

async function approve(org: string, tenant: SimulatedTenant) {
  const browser = new Browser();
  const { id, consent_url: consentUrl } = await start(product, browser, org);
  return { id, browser, callback: await consent(browser, consentUrl, tenant) };
}

const command = (...args: string[]) => commandIn(product.environment, ...args);
async function commandIn(environment: Record<string, string>, ...args: string[]) {
  const lines: string[] = [];
  const code = await msProvision(args, { environment, print: (line) => void lines.push(line) });
  return { code, output: lines.join("\n") };
}

describe("a reconnect while the secret is being renewed", () => {
  it.each(["waiting", "running"] as const)("repairs all of it; the renewal (%s) gives way", async (state) => {
    const { tenant, org, renewal } = await renewing(state);
    const [application] = liveApplications(tenant);
    const web = structuredClone(application?.properties["web"]);
    // Somebody took the redirect URI away: what the customer clicks for.
    if (application) application.properties["web"] = { redirectUris: [] };
    const { id, browser, callback } = await approve(org, tenant);
    const end = finish(browser, callback);
    await eventually(async () => (await rowOf(id))?.["proved_at"] !== null);
    product.simulator.world.setTenantFaults(tenant.id, []);
    expect((await end).searchParams.get("ok")).toBe("microsoft_connected");
    expect(await rowOf(id)).toMatchObject({ status: "succeeded", joined_request_id: null });
    const by = (await operationOf(id))?.["id"];
    expect(await operationOf(renewal)).toMatchObject({ status: "superseded", superseded_by: by });
    expect(application?.properties["web"]).toEqual(web);
    expect(liveApplications(tenant)).toHaveLength(1);
    const [row] = await product.sql`select secret_key_id from sso_connections where org_id = ${org}`;
    await eventually(() => application?.credentials.length === 1);
    expect(row?.["secret_key_id"]).toBe(application?.credentials[0]?.keyId);
    const events =
      await product.sql`select action, detail from audit_events where operation_id = ${renewal} order by id`;
    expect(events).toEqual([
      { action: "renewal_started", detail: {} },
      { action: "superseded", detail: { by } },
    ]);
  });

  it("what the renewal had minted goes although the reconnect fails", async () => {
    const { tenant, org, renewal } = await renewing("running");
    const [application] = liveApplications(tenant);
    const before = application?.credentials.map(({ keyId }) => keyId);
    // Its secret is minted and not accepted yet.
    const notAccepted: Fault = {
      call: "token",
      of: "connection",
      kind: "answer",
      status: 401,
      code: "invalid_client",
      aadsts: 7_000_215,
      times: 1_000_000,
    };
    product.simulator.world.setTenantFaults(tenant.id, [notAccepted]);
    await eventually(() => application?.credentials.length === 2);
    product.simulator.world.setTenantFaults(tenant.id, [
      notAccepted,
      {
        call: "patchApplication",
        kind: "answer",
        status: 400,
        code: "Request_BadRequest",
        times: 1_000_000,
      },
    ]);
    const { id, browser, callback } = await approve(org, tenant);
    expect((await finish(browser, callback)).searchParams.get("error")).not.toBeNull();
    expect(await rowOf(id)).toMatchObject({ status: "failed" });
    await product.sql`update connection_operations set settle_due_at = now() where id = ${renewal}`;
    await eventually(() => application?.credentials.length === 1, 60_000);
    expect(application?.credentials.map(({ keyId }) => keyId)).toEqual(before);
  });

  it("two clicks join, a click and a renewal never do", async () => {
    const { tenant, org, renewal } = await renewing("running");
    const [one, two] = [await approve(org, tenant), await approve(org, tenant)];
    const ends = [one, two].map(({ browser, callback }) => finish(browser, callback));
    await eventually(async () => {
      const rows = await Promise.all([one, two].map(({ id }) => rowOf(id)));
      return rows.every((row) => row?.["proved_at"] !== null);
    });
    product.simulator.world.setTenantFaults(tenant.id, []);
    for (const end of ends) expect((await end).searchParams.get("ok")).toBe("microsoft_connected");
    const clicks = await product.sql`select id, status, joined_request_id from ms_provision_requests
      where id in ${product.sql([one.id, two.id])}`;
    expect(clicks.map(({ status }) => status as string).toSorted()).toEqual(["succeeded", "superseded"]);
    const done = clicks.find(({ status }) => status === "succeeded")?.["id"] as string;
    expect((await operationOf(renewal))?.["status"]).toBe("superseded");
    expect(clicks.find(({ status }) => status === "superseded")?.["joined_request_id"]).toBe(done);
  });
});

describe("an operator's retry of a click", () => {
  /** A reconnect that failed, while its connection went on. */
  async function failedReconnect() {
    const [tenant, org] = [product.addTenant(), newOrg()];
    await connect(product, tenant, { org });
    product.simulator.world.setTenantFaults(tenant.id, [
      { call: "patchApplication", kind: "answer", status: 400, code: "Request_BadRequest", times: 1_000_000 },
    ]);
    const { id } = await connect(product, tenant, { org });
    await eventually(async () => (await rowOf(id))?.["cleanup"] !== "pending");
    expect(await rowOf(id)).toMatchObject({ status: "failed" });
    await product.sql`update sso_connections set updated_at = now() - interval '600 days', secret_expires_at = now() + interval '59 days', renewal_attempted_at = null where org_id = ${org}`;
    return { tenant, org, id };
  }

  it("is not refused because the secret was renewed meanwhile", async () => {
    const { tenant, org, id } = await failedReconnect();
    await renew(true);
    await eventually(async () => (await renewalOf(org))?.["status"] === "succeeded");
    product.simulator.world.setTenantFaults(tenant.id, []);
    expect((await command("retry", id, "--reason", "policy was changed")).code).toBe(0);
    await eventually(async () => (await rowOf(id))?.["status"] === "succeeded");
  });

  it("takes over from a renewal that is held up", async () => {
    const { tenant, org, id } = await failedReconnect();
    product.simulator.world.setTenantFaults(tenant.id, [noSecrets]);
    await renew(true);
    await eventually(async () => (await renewalOf(org))?.["status"] === "running");
    expect((await command("retry", id, "--reason", "policy was changed")).code).toBe(0);
    product.simulator.world.setTenantFaults(tenant.id, []);
    await eventually(async () => (await rowOf(id))?.["status"] === "succeeded");
    const by = (await operationOf(id))?.["id"];
    expect(await renewalOf(org)).toMatchObject({ status: "superseded", superseded_by: by });
  });
});

describe("what people see of a renewal", () => {
  it("customers see no click of theirs, and steps that it has", async () => {
    const { org, renewal } = await renewing("running");
    const headers = { authorization: `Bearer ${await product.session(org)}` };
    const base = `${product.origin}/v1/session/orgs/${org}/ms-provision`;
    const availability = (await (await fetch(base, { headers })).json()) as object;
    expect(availability).toMatchObject({ can_start: true, connections: [{ status: "active" }] });
    expect(availability).not.toHaveProperty("running_request");
    const { steps } = (await (await fetch(`${base}/${renewal}`, { headers })).json()) as {
      steps: { name: string; state: string }[];
    };
    expect(steps.map(({ name, state }) => `${name} ${state}`)).toEqual([
      "beginRenewal done",
      "addPassword retrying",
      "sealSecret pending",
      "proveSecret pending",
      "upsertConnection pending",
    ]);
    const { output } = await command("show", renewal);
    expect(output).toContain("beginRenewal");
    expect(output).not.toContain("instantiateApplication");
  });

  it("a click under way is still shown as one", async () => {
    const [tenant, org] = [product.addTenant(), newOrg()];
    product.simulator.world.setTenantFaults(tenant.id, [noSecrets]);
    const { id, browser, callback } = await approve(org, tenant);
    const end = finish(browser, callback);
    const headers = { authorization: `Bearer ${await product.session(org)}` };
    await eventually(async () => {
      const answer = await fetch(`${product.origin}/v1/session/orgs/${org}/ms-provision`, { headers });
      const { running_request: running } = (await answer.json()) as { running_request?: { id: string } };
      return running?.id === id;
    });
    product.simulator.world.setTenantFaults(tenant.id, []);
    await end;
  });
});

describe("the commands while Temporal is away", () => {
  it("record the order, say so, and a worker carries it out", async () => {
    const tenant = product.addTenant();
    product.simulator.world.setTenantFaults(tenant.id, [
      { call: "patchApplication", kind: "answer", status: 400, code: "Request_BadRequest", times: 1_000_000 },
    ]);
    const { id } = await connect(product, tenant);
    await eventually(async () => (await rowOf(id))?.["cleanup"] === "done");
    product.simulator.world.setTenantFaults(tenant.id, [noSecrets]);
    const away = { ...product.environment, TEMPORAL_ADDRESS: `127.0.0.1:${await freePort()}` };
    const retried = await commandIn(away, "retry", id, "--reason", "asked");
    expect(retried).toMatchObject({ code: 0 });
    expect(retried.output).toContain("generation 2; Temporal did not take it yet");
    expect((await commandIn(away, "show", id)).output).toContain("the steps are not known now");
    expect((await commandIn(away, "list")).output).toContain(id);
    // The reconciler of the worker, whose Temporal is there.
    await eventually(async () => Number((await operationOf(id))?.["credential_attempt"]) > 0, 60_000);
    const cancelled = await commandIn(away, "cancel", id, "--reason", "asked");
    expect(cancelled).toMatchObject({ code: 0 });
    expect(cancelled.output).toContain("Temporal did not take it yet");
    await eventually(async () => (await rowOf(id))?.["cleanup"] === "done", 80_000);
    expect(liveApplications(tenant)).toEqual([]);
  });
});
