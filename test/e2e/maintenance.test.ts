import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { renewDue } from "../../src/activities/maintenance/renew-due.ts";
import { settleDue } from "../../src/activities/maintenance/settle-due.ts";
import { sweepTenant } from "../../src/activities/maintenance/sweep-tenants.ts";
import type { ActivityDeps } from "../../src/activities/deps.ts";
import { reconcile } from "../../src/operations/reconcile.ts";
import { wireActivities } from "../../src/processes/wire-activities.ts";
import { loadWorkerConfig } from "../../src/config/load-config.ts";
import { type Database, openDatabase } from "../../src/db/client.ts";
import type { EntraTenantId } from "../../src/domain/ids.ts";
import { newApplication, newCredential, type SimulatedTenant } from "../../src/simulator/directory.ts";
import { noRealism } from "../../src/simulator/options.ts";
import {
  connect,
  eventually,
  liveApplications,
  newOrg,
  type Product,
  startProduct,
} from "../support/product.ts";

let product: Product;
let database: Database;
let deps: ActivityDeps;

beforeAll(async () => {
  product = await startProduct();
  await product.startWorker();
  database = openDatabase(product.environment["DATABASE_URL"] ?? "");
  deps = depsOf({});
});
afterAll(async () => {
  await database.close();
  await product.stop();
});
beforeEach(() => product.sql`update connection_operations set settle_due_at = null`);
afterEach(() => {
  product.simulator.world.realism = noRealism;
  product.simulator.world.setFaults([]);
});

function depsOf(overrides: Record<string, string>): ActivityDeps {
  const config = loadWorkerConfig({ ...product.environment, ...overrides });
  if (config.provisioning.kind !== "configured") throw new Error("the test product must be configured");
  return wireActivities({ ...config, provisioning: config.provisioning }, database);
}

const timeout = () => AbortSignal.timeout(10_000);
const settle = async (id: string, by = deps) => {
  await product.sql`update connection_operations set settle_due_at = now() - interval '1 second' where request_id = ${id}`;
  return settleDue(by, timeout)({});
};
const sweep = async (tenant: SimulatedTenant) =>
  (await sweepTenant(deps, timeout)({ entraTenantId: tenant.id as EntraTenantId })).unnamed;

/** An application as a lost creation of that request leaves it. */
function plantApplication(tenant: SimulatedTenant, name: string, createdMs = Date.now()) {
  const planted = { ...newApplication(name, product.simulator.world.provisioningApp.clientId), createdMs };
  tenant.applications.push(planted);
  return planted;
}
const farAway = () => new Date(Date.now() + 700 * 86_400_000).toISOString();

it("an ended request is due after 15 s, again after five minutes, and then no more", async () => {
  const { id } = await connect(product, product.addTenant());
  const dueIn = async () => {
    const [row] =
      await product.sql`select extract(epoch from settle_due_at - completed_at)::float as s from connection_operations where request_id = ${id}`;
    return row?.["s"] as number | null;
  };
  expect(await dueIn()).toBeCloseTo(15, 0);
  await settle(id);
  expect(await dueIn()).toBeCloseTo(300, 0);
  await product.sql`update connection_operations set completed_at = completed_at - interval '6 minutes' where request_id = ${id}`;
  await settle(id);
  expect(await dueIn()).toBeNull();
});

it("settle removes a late application and a late credential, and nothing that is not this request's", async () => {
  const tenant = product.addTenant();
  const { id } = await connect(product, tenant);
  // The run looks for strays itself, once, right after the switch.
  await product.temporal.workflow.getHandle(`ms-provision-${id}`).result();
  const [own] = liveApplications(tenant);
  const ago = 20 * 60_000;
  await product.sql`update connection_operations
    set created_at = created_at - interval '20 minutes', completed_at = completed_at - interval '20 minutes' where request_id = ${id}`;
  const late = plantApplication(tenant, `Authio SSO ${id}.1`, Date.now() - ago);
  const foreign = plantApplication(tenant, `Authio SSO mspr_${"0".repeat(32)}.1`);
  const younger = plantApplication(tenant, `Authio SSO ${id}.1`);
  const notOurs = { ...newApplication(`Authio SSO ${id}.1`, randomUUID()), createdMs: Date.now() - ago };
  tenant.applications.push(notOurs);
  const startDateTime = new Date(Date.now() - ago).toISOString();
  for (const name of [`${id}.1.7`, "somebody else's", `mspr_${"1".repeat(32)}.1.1`])
    own?.credentials.push({ ...newCredential(name, farAway()), startDateTime });
  own?.credentials.push(newCredential(`${id}.1.8`, farAway()));
  expect(await settle(id)).toEqual({ settled: 1, credentials: 1, applications: 1 });
  expect(late.deletedMs).not.toBeNull();
  for (const kept of [own, foreign, younger, notOurs]) expect(kept?.deletedMs).toBeNull();
  expect(own?.credentials.map(({ displayName }) => displayName)).toEqual([
    `${id}.1.1`,
    "somebody else's",
    `mspr_${"1".repeat(32)}.1.1`,
    `${id}.1.8`,
  ]);
  const events =
    await product.sql`select detail from audit_events where request_id = ${id} and action = 'settled'`;
  expect(events[0]?.["detail"]).toEqual({ credentials: 1, applications: late.id });
});

it("settle tries again later when Microsoft is away, and gives up after an hour", async () => {
  const { id } = await connect(product, product.addTenant());
  product.simulator.world.setFaults([{ call: "getApplication", kind: "answer", status: 503, times: 99 }]);
  await settle(id);
  const due = async () =>
    (await product.sql`select settle_due_at as at from connection_operations where request_id = ${id}`)[0]?.[
      "at"
    ] as Date | null;
  const pauseMs = ((await due())?.getTime() ?? 0) - Date.now();
  expect(pauseMs).toBeGreaterThan(10_000);
  expect(pauseMs).toBeLessThanOrEqual(15_000);
  await product.sql`update connection_operations set completed_at = now() - interval '2 hours' where request_id = ${id}`;
  await settle(id);
  expect(await due()).toBeNull();
});

it("a pass that is stopped gives nothing up", async () => {
  const { id } = await connect(product, product.addTenant());
  await product.sql`update connection_operations
    set completed_at = now() - interval '2 hours', settle_due_at = now() - interval '1 second' where request_id = ${id}`;
  expect(await settleDue(deps, () => AbortSignal.abort())({})).toMatchObject({ settled: 0 });
  const [row] =
    await product.sql`select settle_due_at > now() as later from connection_operations where request_id = ${id}`;
  expect(row?.["later"]).toBe(true);
});

it("a failed request's late arrival is removed too", async () => {
  const tenant = product.addTenant();
  product.simulator.world.realism = { ...noRealism, secretLifetimeMaxDays: 0 };
  const { id } = await connect(product, tenant);
  product.simulator.world.realism = noRealism;
  await eventually(async () => {
    const [row] = await product.sql`select cleanup from ms_provision_requests where id = ${id}`;
    return row?.["cleanup"] === "done";
  });
  const late = plantApplication(tenant, `Authio SSO ${id}.1`);
  await settle(id);
  expect(late.deletedMs).not.toBeNull();
});

it("the sweep reports by object id and deletes nothing", async () => {
  const tenant = product.addTenant();
  await connect(product, tenant);
  expect(await sweep(tenant)).toEqual([]);
  const stray = plantApplication(tenant, `Authio SSO mspr_${"2".repeat(32)}.1`);
  const tagged = plantApplication(tenant, "Renamed by somebody");
  tagged.properties["tags"] = ["authio-sso", `mspr_${"3".repeat(32)}.2`];
  plantApplication(tenant, "Something else");
  expect(await sweep(tenant)).toMatchObject([
    { appObjectId: tagged.id, owner: `mspr_${"3".repeat(32)}` },
    { appObjectId: stray.id, owner: `mspr_${"2".repeat(32)}` },
  ]);
  expect([stray.deletedMs, tagged.deletedMs]).toEqual([null, null]);
});

it("a database restored from before a reconnect deletes nothing", async () => {
  const [tenant, org] = [product.addTenant(), newOrg()];
  const first = await connect(product, tenant, { org });
  const backup: Record<string, Record<string, unknown>[]> = {};
  for (const table of ["ms_provision_requests", "connection_operations", "sso_connections"])
    backup[table] = await product.sql`select * from ${product.sql(table)} where org_id = ${org}`;
  // After the backup: the application was lost and made anew, then its secret was replaced.
  for (const one of liveApplications(tenant)) one.deletedMs = Date.now() - 60_000;
  await connect(product, tenant, { org });
  await connect(product, tenant, { org });
  const [live] = liveApplications(tenant);
  // The run tidies up after its answer.
  await eventually(() => live?.credentials.length === 1);
  const credentials = structuredClone(live?.credentials);
  // The restore.
  for (const [table, rows] of Object.entries(backup)) {
    await product.sql`delete from ${product.sql(table)} where org_id = ${org}`;
    for (const row of rows) await product.sql`insert into ${product.sql(table)} ${product.sql(row)}`;
  }
  // The backup was taken half an hour before all that.
  await product.sql`update connection_operations set created_at = created_at - interval '30 minutes', completed_at = completed_at - interval '30 minutes' where request_id = ${first.id}`;
  await settle(first.id);
  expect(await sweep(tenant)).toMatchObject([{ appObjectId: live?.id }]);
  expect(liveApplications(tenant)).toHaveLength(1);
  expect(live?.credentials).toEqual(credentials);
});

it("a copy of the database under another origin drives, settles and renews nothing", async () => {
  const tenant = product.addTenant();
  const { id, org } = await connect(product, tenant);
  const staging = "https://sso.staging.example.com";
  const stagingDeps = depsOf({ AUTHIO_SSO_ORIGIN: staging });
  const late = plantApplication(tenant, `Authio SSO ${id}.1`);
  expect(await settle(id, stagingDeps)).toMatchObject({ settled: 0 });
  expect(late.deletedMs).toBeNull();
  await product.sql`update sso_connections set updated_at = now() - interval '600 days', secret_expires_at = now() + interval '5 days' where org_id = ${org}`;
  expect(await renewDue(stagingDeps)({})).toEqual({ renewals: [] });
  await product.sql`update sso_connections set secret_expires_at = now() + interval '700 days' where org_id = ${org}`;
  // The copy was taken while it was provisioning.
  await product.sql`update connection_operations set status = 'running', completed_at = null where request_id = ${id}`;
  const runs = { ...product.api.runs, start: () => Promise.reject(new Error("started")) };
  const reconciled = () =>
    reconcile({ ctx: { database, runs, log: product.log }, input: { ssoOrigin: staging } });
  expect(await reconciled()).toMatchObject({ driven: 0 });
  await product.sql`update connection_operations set status = 'waiting' where request_id = ${id}`;
  expect(await reconciled()).toMatchObject({ driven: 0, waiting: 0 });
  await product.sql`update connection_operations set status = 'succeeded', completed_at = now() where request_id = ${id}`;
});

it("renews a secret before its end: same application, sign-in goes on, the old credential is gone", async () => {
  const [tenant, org] = [product.addTenant(), newOrg()];
  const { end } = await connect(product, tenant, { org });
  const connection = end.searchParams.get("connection");
  const [application] = liveApplications(tenant);
  const before = application?.credentials[0]?.keyId;
  const calls = product.simulator.world.calls.length;
  await product.sql`update sso_connections set updated_at = now() - interval '600 days', secret_expires_at = now() + interval '59 days' where org_id = ${org}`;
  expect(await renewDue(deps)({})).toEqual({ renewals: [connection] });
  expect(await renewDue(deps)({})).toEqual({ renewals: [] });
  await reconcile({
    ctx: { database, runs: product.api.runs, log: product.log },
    input: { ssoOrigin: product.origin },
  });
  await eventually(
    () => application?.credentials[0]?.keyId !== before && application?.credentials.length === 1,
  );
  const [row] = await product.sql`select * from sso_connections where org_id = ${org}`;
  expect(row).toMatchObject({
    id: connection,
    app_object_id: application?.id,
    secret_key_id: application?.credentials[0]?.keyId,
  });
  expect(row?.["secret_expires_at"]).toSatisfy((end: Date) => end.getTime() > Date.now() + 700 * 86_400_000);
  const made = product.simulator.world.calls.slice(calls).map(({ call }) => call);
  expect(made).not.toContain("instantiate");
  expect(made).not.toContain("patchApplication");
  const actions =
    await product.sql`select a.action from audit_events a join connection_operations o on o.id = a.operation_id where o.org_id = ${org} and o.kind = 'renew' order by a.id`;
  expect(actions.map(({ action }) => action as string)).toEqual(["renewal_started", "succeeded"]);
});

it("a renewal that cannot be done leaves the old secret, and says so with the connection", async () => {
  const [tenant, org] = [product.addTenant(), newOrg()];
  await connect(product, tenant, { org });
  const before =
    await product.sql`select sealed_secret, secret_key_id from sso_connections where org_id = ${org}`;
  await product.sql`update sso_connections set updated_at = now() - interval '600 days', secret_expires_at = now() + interval '20 days' where org_id = ${org}`;
  product.simulator.world.setFaults([
    {
      call: "addPassword",
      kind: "answer",
      status: 400,
      code: "CredentialTypeNotAllowedAsPerAppPolicy",
      times: 99,
    },
  ]);
  await renewDue(deps)({});
  await reconcile({
    ctx: { database, runs: product.api.runs, log: product.log },
    input: { ssoOrigin: product.origin },
  });
  await eventually(async () => {
    const [row] =
      await product.sql`select renewal_error_code as code from sso_connections where org_id = ${org}`;
    return row?.["code"] === "secrets_forbidden_by_policy";
  });
  expect(
    await product.sql`select sealed_secret, secret_key_id from sso_connections where org_id = ${org}`,
  ).toEqual(before);
  expect(liveApplications(tenant)).toHaveLength(1);
  const answer = await fetch(`${product.origin}/v1/session/orgs/${org}/sso-connections`, {
    headers: { authorization: `Bearer ${await product.session(org)}` },
  });
  const { data } = (await answer.json()) as { data: object[] };
  expect(data).toMatchObject([
    { secret_renewal: { error: { code: "secrets_forbidden_by_policy", who: "entra_admin" } } },
  ]);
  // It is tried again a day later, not at once.
  expect(await renewDue(deps)({})).toEqual({ renewals: [] });
});

it("a renewal never creates an application", async () => {
  const [tenant, org] = [product.addTenant(), newOrg()];
  await connect(product, tenant, { org });
  await product.stopWorkers();
  await product.startWorker({ pace: { budgetFactor: 10_000, retryDelayMs: 50 } });
  for (const one of liveApplications(tenant)) one.deletedMs = Date.now() - 60_000;
  await product.sql`update sso_connections set updated_at = now() - interval '600 days', secret_expires_at = now() + interval '20 days' where org_id = ${org}`;
  await renewDue(deps)({});
  await reconcile({
    ctx: { database, runs: product.api.runs, log: product.log },
    input: { ssoOrigin: product.origin },
  });
  await eventually(async () => {
    const [row] =
      await product.sql`select renewal_error_code as code from sso_connections where org_id = ${org}`;
    return row?.["code"] === "application_missing";
  });
  expect(liveApplications(tenant)).toEqual([]);
});

it("short-lived secrets are renewed at half their life", async () => {
  const [tenant, org] = [product.addTenant(), newOrg()];
  product.simulator.world.realism = { ...noRealism, secretLifetimeMaxDays: 30 };
  await connect(product, tenant, { org });
  expect(await renewDue(deps)({})).toEqual({ renewals: [] });
  await product.sql`update sso_connections set updated_at = now() - interval '16 days', secret_expires_at = now() + interval '14 days' where org_id = ${org}`;
  expect((await renewDue(deps)({})).renewals).toHaveLength(1);
});
