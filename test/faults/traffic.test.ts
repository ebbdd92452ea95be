import { afterAll, beforeAll, expect, it } from "vitest";
import { deleteEnterpriseApplication } from "../../src/simulator/directory.ts";
import { type Product, startProduct } from "../support/product.ts";
import { refuseProof } from "../support/refuse-proof.ts";
import type { TcpProxy } from "../support/tcp-proxy.ts";
import { againOfKind, leaveCredentials, proveAndStart, untilEnded } from "./support/cases.ts";
import { statements, targets, trafficOf } from "./support/traffic.ts";
import { watchPostgres } from "./support/watched-postgres.ts";

// What runs say to Microsoft and write to Postgres is in the table that the fault families take their cases from: a new
// step's calls and commits are in the matrix, or this fails.

let product: Product;
let proxy: TcpProxy;
const written = new Set<string>();
beforeAll(async () => {
  product = await startProduct({ AUTHIO_MS_ADOPT_WINDOW_MS: "400" });
  const watched = await watchPostgres(product.environment["DATABASE_URL"]);
  ({ proxy } = watched);
  await product.startWorker({ pace: { budgetFactor: 200, retryDelayMs: 60 } }, { DATABASE_URL: watched.url });
  const ofRuns =
    /(?:insert into|update) "(?:connection_operations|sso_connections|audit_events)"(?: set .*? where|.)/g;
  proxy.watch = (text) => {
    for (const [statement] of text.matchAll(ofRuns)) written.add(statement);
    return "pass";
  };
});
afterAll(async () => {
  await product.stop();
  await proxy.close();
});

/** Of the reconciler and of what comes after a run. */
const ofMaintenance = [/set "status" = \$1, "workflow_id" = \$2 where/, /set "settle_due_at" = [^,]* where/];

it("names each call and each write of a run, and none that no run makes", { timeout: 180_000 }, async () => {
  const tenants = [product.addTenant(), product.addTenant(), product.addTenant()] as const;
  const { world } = product.simulator;
  const [connected, undone, mintedTwice] = tenants;
  world.setTenantFaults(undone.id, [refuseProof]);
  world.setTenantFaults(
    mintedTwice.id,
    targets.flatMap(({ also, undo }) => (also && !undo ? [also] : [])),
  );
  const { id, org } = await proveAndStart(product, connected);
  await untilEnded(product, id);
  for (const tenant of [undone, mintedTwice]) {
    const one = await proveAndStart(product, tenant);
    await untilEnded(product, one.id);
  }
  for (const [kind, again] of Object.entries(againOfKind)) {
    // Who may use an enterprise application that is gone, nobody can say.
    if (kind !== "change_access")
      for (const application of connected.applications) deleteEnterpriseApplication(application);
    if (kind === "restore") for (const application of connected.applications) leaveCredentials(application);
    await untilEnded(product, await again(product, connected, org));
  }

  const called = world.calls.filter(({ tenantId }) => tenants.some((one) => one.id === tenantId));
  const named = Object.values(trafficOf).flatMap(({ calls }) => calls.map(({ call }) => call));
  expect(new Set(called.map(({ call }) => call))).toEqual(new Set(named));

  const all = [...written];
  const ofSteps = Object.values(trafficOf).flatMap((one) => one.statements);
  const isNamed = (text: string) =>
    [...[...statements, ...ofSteps].map(({ matches }) => matches), ...ofMaintenance].some((matches) =>
      matches.test(text),
    );
  expect(all.filter((text) => !isNamed(text))).toEqual([]);
});
