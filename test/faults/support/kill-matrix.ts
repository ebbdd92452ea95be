import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CallPhase, Fault, SimulatedCall } from "../../../src/simulator/options.ts";
import type { OperationKind } from "../../../src/domain/operation-kinds.ts";
import { eventually, newOrg, type Product, startProduct } from "../../support/product.ts";
import { itLeavesNoPlaintext } from "../../support/plaintext.ts";
import { startTcpProxy, type TcpProxy } from "../../support/tcp-proxy.ts";
import { againOfKind, byName, preparedFor, proveAndStart, statusOf, untilEnded } from "./cases.ts";
import { itHasDocumentedCases } from "./documented-cases.ts";
import { brokenInvariants } from "./invariants.ts";
import { type Process, processTmp, startProcess } from "./processes.ts";
import { faultsBefore, type Statement, type Target } from "./traffic.ts";
import { watchPostgres } from "./watched-postgres.ts";

// A real worker process is killed at an exact moment: before a call or a statement is sent, after it was applied and
// before its answer, and after its answer but before Temporal hears that the activity is done. Then another worker is
// started, and everything must end well.

type Moment = "before" | "applied, answer lost" | "answered, completion lost";
export interface KillCase {
  readonly name: string;
  readonly at:
    | { readonly kind: "call"; readonly call: SimulatedCall; readonly nth: number }
    | { readonly kind: "statement"; readonly matches: RegExp; readonly which?: "next" };
  readonly moment: Moment;
  /** The attempt is refused, so that the undo runs. */
  readonly undo?: true;
  readonly also?: Fault;
  /** What is killed, of an organization that is connected to the tenant already; else its first click. */
  readonly on?: OperationKind;
}

const moments: readonly Moment[] = ["before", "applied, answer lost", "answered, completion lost"];
export const perMoment = (name: string, at: KillCase["at"], more: Partial<KillCase> = {}): KillCase[] =>
  moments.map((moment) => ({ name: `${name} × ${moment}`, at, moment, ...more }));
export const call = (call: SimulatedCall, nth = 1): KillCase["at"] => ({ kind: "call", call, nth });
export const statement = (matches: RegExp): KillCase["at"] => ({ kind: "statement", matches });
export const atCall = ({ name, call: of, nth, undo, also }: Target): KillCase[] =>
  perMoment(name, call(of, nth), { ...(undo && { undo }), ...(also && { also }) });
export const atStatement = ({ name, matches, which, undo }: Statement): KillCase[] =>
  perMoment(name, { kind: "statement", matches, ...(which && { which }) }, { ...(undo && { undo }) });

let product: Product;
let postgres: TcpProxy;
let temporal: TcpProxy;
let environment: Record<string, string>;
const delaysMs: number[] = [];

/** Arms the moment; resolves when it has come and the process is dead. */
function killAt({ at, moment }: KillCase, tenantId: string, worker: Process): Promise<void> {
  return new Promise((resolve) => {
    let isDone = false;
    const kill = (): void => {
      isDone = true;
      postgres.watch = () => "hold";
      void worker.kill("SIGKILL").then(() => resolve());
    };
    if (at.kind === "statement") {
      let isNext = false;
      postgres.watch = (text) => {
        if (isDone || (!isNext && !at.matches.test(text))) return "pass";
        isNext = at.which === "next" && !isNext;
        if (isNext) return "pass";
        if (moment === "before") {
          kill();
          return "hold";
        }
        if (moment === "applied, answer lost") {
          isDone = true;
          setTimeout(kill, 60);
          return "forward and hold";
        }
        // The answer arrives; Temporal never hears of it.
        isDone = true;
        temporal.freeze();
        setTimeout(kill, 150);
        return "pass";
      };
      return;
    }
    let seen = 0;
    const phases: Record<Moment, CallPhase> = {
      before: "before",
      "applied, answer lost": "applied",
      "answered, completion lost": "answered",
    };
    product.simulator.world.hook = async (name, phase, tenant) => {
      if (isDone || name !== at.call || tenant !== tenantId) return "go on";
      if (phase === "before") seen += 1;
      if (seen !== at.nth || phase !== phases[moment]) {
        if (seen === at.nth && moment === "answered, completion lost") temporal.freeze();
        return "go on";
      }
      if (moment === "answered, completion lost") {
        isDone = true;
        setTimeout(kill, 150);
        return "go on";
      }
      kill();
      return "cut";
    };
  });
}

function disarm(): void {
  product.simulator.world.hook = undefined;
  postgres.watch = () => "pass";
  postgres.thaw();
  temporal.thaw();
}

/** One lane of the matrix: its own product and proxies. */
function declareLane(): void {
  beforeAll(async () => {
    product = await startProduct({ AUTHIO_MS_ADOPT_WINDOW_MS: "2000" });
    const watched = await watchPostgres(product.environment["DATABASE_URL"]);
    postgres = watched.proxy;
    const [host = "", port] = (product.environment["TEMPORAL_ADDRESS"] ?? "").split(":");
    temporal = await startTcpProxy({ host, port: Number(port) });
    environment = {
      ...product.environment,
      DATABASE_URL: watched.url,
      TEMPORAL_ADDRESS: `127.0.0.1:${temporal.port}`,
    };
  });
  afterAll(async () => {
    await postgres.close();
    await temporal.close();
    await product.stop();
  });
}

/** Declares a lane in which one worker process after the other is killed. */
export function killSuite(where: string, family: string, cases: readonly KillCase[]): void {
  itHasDocumentedCases(family, cases.length);
  declareLane();
  let worker: Process | undefined;
  afterAll(async () => {
    await worker?.kill("SIGKILL");
    if (delaysMs.length > 0) {
      const sorted = delaysMs.toSorted((a, b) => a - b);
      process.stdout.write(
        `from the kill to the end, with a new worker at once: median ${sorted[Math.floor(sorted.length / 2)]} ms, longest ${sorted.at(-1)} ms, ${sorted.length} kills\n`,
      );
    }
  });

  describe(`kill the worker ${where}`, () => {
    it.each(byName(cases))("%s", { timeout: 180_000 }, async (_name, one) => {
      const { world } = product.simulator;
      worker ??= await startProcess("worker", environment, product.lines);
      const { tenant, org } = one.on
        ? await preparedFor(product, one.on)
        : { tenant: product.addTenant(), org: newOrg() };
      world.setTenantFaults(tenant.id, faultsBefore(one));
      const killed = killAt(one, tenant.id, worker);
      const id = await againOfKind[one.on ?? "connect"](product, tenant, org);
      await killed;
      const killedMs = Date.now();
      disarm();
      // Who takes over is killed by the next case.
      worker = await startProcess("worker", environment, product.lines);
      await untilEnded(product, id);
      delaysMs.push(Date.now() - killedMs);
      world.setTenantFaults(tenant.id, []);
      expect(await brokenInvariants({ product, tenant, requestId: id })).toEqual([]);
    });

    it("the last worker drains on SIGTERM and exits 0", async () => {
      expect(await worker?.kill("SIGTERM")).toBe(0);
    });
  });
  itLeavesNoPlaintext(() => product, [processTmp]);
}

/**
 * Declares a lane in which a worker is stopped right after a statement was sent, and goes on when another has finished
 * its run: it thinks that the attempt is still its own.
 */
export function zombieSuite(statements: readonly Statement[]): void {
  itHasDocumentedCases("worker sleeps and wakes", statements.length);
  declareLane();
  describe("a worker sleeps and wakes after its successor finished", () => {
    it.each(byName(statements))("at %s", { timeout: 240_000 }, async (_name, { matches }) => {
      const tenant = product.addTenant();
      const zombie = await startProcess("worker", environment, product.lines);
      let isAsleep = false;
      postgres.watch = (text) => {
        if (!isAsleep && matches.test(text)) {
          process.kill(zombie.pid, "SIGSTOP");
          isAsleep = true;
        }
        return "pass";
      };
      const { id } = await proveAndStart(product, tenant);
      await eventually(() => isAsleep);
      // Else Temporal hands tasks to the sleeper's open polls for up to a minute, and each has to time out.
      temporal.thaw();
      const successor = await startProcess("worker", environment, product.lines);
      await untilEnded(product, id);
      process.kill(zombie.pid, "SIGCONT");
      await new Promise((resolve) => setTimeout(resolve, 2000));
      // What it may yet have made, or minted, is settled 15 s after the end.
      await eventually(
        async () => (await brokenInvariants({ product, tenant, requestId: id })).length === 0,
        30_000,
      ).catch(() => undefined);
      expect(await brokenInvariants({ product, tenant, requestId: id })).toEqual([]);
      expect((await statusOf(product, id)).status).toBe("succeeded");
      for (const worker of [zombie, successor]) expect(await worker.kill("SIGTERM")).toBe(0);
    });
  });
  itLeavesNoPlaintext(() => product, [processTmp]);
}

/** A drained worker loses nothing either; for a file that has declared a lane. */
export function itDrainsOnSigterm(): void {
  it(
    "SIGTERM in the middle of a run: the worker drains, the next one goes on",
    { timeout: 120_000 },
    async () => {
      const tenant = product.addTenant();
      product.simulator.world.realism = { ...product.simulator.world.realism, latencyMs: 400 };
      const first = await startProcess("worker", environment, product.lines);
      const { id } = await proveAndStart(product, tenant);
      await new Promise((resolve) => setTimeout(resolve, 700));
      expect(await first.kill("SIGTERM")).toBe(0);
      const second = await startProcess("worker", environment, product.lines);
      await untilEnded(product, id);
      product.simulator.world.realism = { ...product.simulator.world.realism, latencyMs: 0 };
      expect(await brokenInvariants({ product, tenant, requestId: id })).toEqual([]);
      expect(await second.kill("SIGTERM")).toBe(0);
    },
  );
}
