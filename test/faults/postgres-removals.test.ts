import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { itLeavesNoPlaintext } from "../support/plaintext.ts";
import { type Product, startProduct } from "../support/product.ts";
import type { TcpProxy } from "../support/tcp-proxy.ts";
import { againOfKind, byName, leaveCredentials, preparedFor, statusOf, untilEnded } from "./support/cases.ts";
import { itHasDocumentedCases } from "./support/documented-cases.ts";
import { brokenInvariants } from "./support/invariants.ts";
import { trafficOf } from "./support/traffic.ts";
import { watchPostgres } from "./support/watched-postgres.ts";

// Postgres goes away at each statement of a disconnection and of a restore, its answer lost or not.

const kinds = {
  disconnect: trafficOf.recordDisconnected.statements,
  restore: [...trafficOf.restoreApplication.statements, ...trafficOf.upsertConnection.statements],
} as const;
const kindNames = ["disconnect", "restore"] as const;
const cases = kindNames.flatMap((kind) =>
  kinds[kind].flatMap(({ name, matches, which }) =>
    (["cut before", "applied, answer lost"] as const).flatMap((way) =>
      [1, 3].map((times) => ({
        name: `${kind}: ${name} × ${way} × ${times}`,
        kind,
        matches,
        which,
        way,
        times,
      })),
    ),
  ),
);

let product: Product;
let proxy: TcpProxy;
beforeAll(async () => {
  product = await startProduct();
  const watched = await watchPostgres(product.environment["DATABASE_URL"]);
  ({ proxy } = watched);
  await product.startWorker({ pace: { budgetFactor: 200, retryDelayMs: 60 } }, { DATABASE_URL: watched.url });
});
afterAll(async () => {
  await product.stop();
  await proxy.close();
});

/** What one case left is where the next one begins. */
const left: Record<"disconnect" | "restore", Awaited<ReturnType<typeof preparedFor>>[]> = {
  disconnect: [],
  restore: [],
};

describe("Postgres away", () => {
  it.each(byName(cases))(
    "at %s",
    { timeout: 300_000 },
    async (_name, { kind, matches, which, way, times }) => {
      const one = left[kind].pop() ?? (await preparedFor(product, kind));
      let ahead = times;
      let isNext = false;
      proxy.watch = (text) => {
        if (ahead === 0 || (!isNext && !matches.test(text))) return "pass";
        isNext = which === "next" && !isNext;
        if (isNext) return "pass";
        ahead -= 1;
        return way === "cut before" ? "cut" : "forward and cut";
      };
      const id = await againOfKind[kind](product, one.tenant, one.org);
      await untilEnded(product, id, 240_000);
      proxy.watch = () => "pass";
      expect(ahead, "the statement was met").toBeLessThan(times);
      expect(await brokenInvariants({ product, tenant: one.tenant, requestId: id })).toEqual([]);
      const { status, cleanup } = await statusOf(product, id);
      expect(`${status} ${cleanup}`).toBe(kind === "disconnect" ? "succeeded done" : "succeeded none");
      if (kind === "disconnect") leaveCredentials(one.application);
      left[kind === "disconnect" ? "restore" : "disconnect"].push(one);
    },
  );
});

itLeavesNoPlaintext(() => product);

itHasDocumentedCases("Postgres in a removal", cases.length);
