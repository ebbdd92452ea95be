import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startProduct, type Product } from "../support/product.ts";
import { itLeavesNoPlaintext } from "../support/plaintext.ts";
import { refuseProof } from "../support/refuse-proof.ts";
import type { TcpProxy } from "../support/tcp-proxy.ts";
import { byName, proveAndStart, statusOf, untilEnded } from "./support/cases.ts";
import { itHasDocumentedCases } from "./support/documented-cases.ts";
import { brokenInvariants } from "./support/invariants.ts";
import { statements } from "./support/traffic.ts";
import { newWorkerRole } from "./support/worker-role.ts";
import { watchPostgres } from "./support/watched-postgres.ts";

// The primary is demoted at a statement of a run: connections end, new ones find a server that takes no writes. Then
// writes are possible again, but not on the connections that were made meanwhile.

const demotedMs = 1500;

let product: Product;
let proxy: TcpProxy;
let role: string;
beforeAll(async () => {
  product = await startProduct({ AUTHIO_MS_ADOPT_WINDOW_MS: "400" });
  const worker = await newWorkerRole(product);
  role = worker.role;
  const watched = await watchPostgres(worker.url);
  ({ proxy } = watched);
  await product.startWorker({ pace: { budgetFactor: 200, retryDelayMs: 60 } }, { DATABASE_URL: watched.url });
});
afterAll(async () => {
  await product.stop();
  await proxy.close();
});

async function demoteForAWhile(): Promise<void> {
  await product.sql.unsafe(`alter role ${role} set default_transaction_read_only = on`);
  await product.sql`select pg_terminate_backend(pid) from pg_stat_activity where usename = ${role}`;
  await new Promise((resolve) => setTimeout(resolve, demotedMs));
  await product.sql.unsafe(`alter role ${role} reset default_transaction_read_only`);
}

describe("the primary is demoted", () => {
  it.each(byName(statements))("at %s", { timeout: 180_000 }, async (_name, { matches, undo }) => {
    const tenant = product.addTenant();
    if (undo) product.simulator.world.setTenantFaults(tenant.id, [refuseProof]);
    let demoted: Promise<void> | undefined;
    proxy.watch = (text) => {
      if (matches.test(text)) demoted ??= demoteForAWhile();
      return "pass";
    };
    const { id } = await proveAndStart(product, tenant);
    await untilEnded(product, id, 120_000);
    proxy.watch = () => "pass";
    expect(demoted, "the statement was met").toBeDefined();
    await demoted;
    expect(await brokenInvariants({ product, tenant, requestId: id })).toEqual([]);
    expect((await statusOf(product, id)).status).toBe(undo ? "failed" : "succeeded");
  });
});

itLeavesNoPlaintext(() => product);

itHasDocumentedCases("the primary is demoted", statements.length);
