import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import { freePort } from "../../src/embedded/free-port.ts";
import { consent, newOrg, type Product, startProduct } from "../support/product.ts";
import { itLeavesNoPlaintext } from "../support/plaintext.ts";
import { refusalOf } from "../support/refusal.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { sampled, untilEnded } from "./support/cases.ts";
import { brokenInvariants } from "./support/invariants.ts";
import { type Process, processTmp, startProcess } from "./support/processes.ts";

// The API process is killed while a callback is under way. Then it is started again and the browser repeats its
// request, as a person's reload does: the approval is not lost, and it works once.

interface ApiKill {
  readonly name: string;
  readonly at:
    | {
        readonly matches: RegExp;
        /** The piece after the matching one. */
        readonly next?: true;
      }
    | { readonly tokenCall: "before" | "applied" }
    | { readonly temporal: true };
  readonly moment?: "before" | "applied, answer lost";
}

const statements: readonly (readonly [string, RegExp, true?])[] = [
  ["consuming the state", /update "ms_provision_requests" set "browser_hash"/],
  ["recording the code", /insert into "code_redemptions"/],
  ["taking the lease on the code", /update "ms_provision_requests" set "proof_lease_until" = now\(\)/],
  ["committing the proof", /update "ms_provision_requests" set [^;]*"proved_at"/],
  ["the proof's commit", /update "ms_provision_requests" set [^;]*"proved_at"/, true],
  ["beginning the run", /update "ms_provision_requests" set "status" = \$1, "workflow_id"/],
];
const cases: readonly ApiKill[] = [
  ...statements.flatMap(([name, matches, next]) =>
    (["before", "applied, answer lost"] as const).map((moment) => ({
      name: `${name} × ${moment}`,
      at: { matches, ...(next ? { next } : {}) },
      moment,
    })),
  ),
  { name: "redeeming the code × before", at: { tokenCall: "before" } },
  { name: "redeeming the code × applied, answer lost", at: { tokenCall: "applied" } },
  { name: "starting the workflow", at: { temporal: true } },
];

let product: Product;
let postgres: TcpProxy;
let temporal: TcpProxy;
let environment: Record<string, string>;
let origin: string;

beforeAll(async () => {
  const port = await freePort();
  origin = `http://localhost:${port}`;
  product = await startProduct({
    AUTHIO_SSO_ORIGIN: origin,
    AUTHIO_MANAGEMENT_ORIGIN: origin,
    AUTHIO_DASHBOARD_URL: `${origin}/`,
  });
  await product.startWorker();
  const database = new URL(product.environment["DATABASE_URL"] ?? "");
  postgres = await startTcpProxy({ host: database.hostname, port: Number(database.port) });
  const [host = "", temporalPort] = (product.environment["TEMPORAL_ADDRESS"] ?? "").split(":");
  temporal = await startTcpProxy({ host, port: Number(temporalPort) });
  database.port = String(postgres.port);
  // Unprepared, each statement shows its text on the wire.
  database.searchParams.set("prepare", "false");
  environment = {
    ...product.environment,
    PORT: String(port),
    DATABASE_URL: database.href,
    TEMPORAL_ADDRESS: `127.0.0.1:${temporal.port}`,
  };
});
afterAll(async () => {
  await postgres.close();
  await temporal.close();
  await product.stop();
});

/** Arms the moment; resolves when the process is dead. */
function killAt({ at, moment }: ApiKill, api: Process): Promise<void> {
  return new Promise((resolve) => {
    let isDone = false;
    const kill = (): void => {
      isDone = true;
      postgres.watch = () => "hold";
      void api.kill("SIGKILL").then(() => resolve());
    };
    let isNext = false;
    if ("matches" in at)
      postgres.watch = (text) => {
        if (isDone || (!isNext && !at.matches.test(text))) return "pass";
        if (at.next && !isNext) {
          isNext = true;
          return "pass";
        }
        isDone = true;
        if (moment === "before") kill();
        else setTimeout(kill, 60);
        return moment === "before" ? "hold" : "forward and hold";
      };
    else if ("temporal" in at)
      temporal.watch = () => {
        if (!isDone) kill();
        return "hold";
      };
    else
      product.simulator.world.hook = async (call, phase) => {
        if (isDone || call !== "token" || phase !== at.tokenCall) return "go on";
        kill();
        return "cut";
      };
  });
}

function disarm(): void {
  product.simulator.world.hook = undefined;
  for (const proxy of [postgres, temporal]) {
    proxy.watch = () => "pass";
    proxy.thaw();
  }
}

/** Repeats a request until the service is back, as a person does. */
async function insistently(request: () => Promise<Response>): Promise<Response> {
  for (let tries = 0; ; tries += 1) {
    const answer = await request().catch(() => undefined);
    if (answer && answer.status < 500) return answer;
    if (tries > 100) throw new Error("the service did not come back");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

describe("kill the api", () => {
  it.each(sampled(cases, 7))("%s", { timeout: 180_000 }, async (_name, one) => {
    let api = await startProcess("api", environment, product.lines);
    const [browser, org, tenant] = [new Browser(), newOrg(), product.addTenant()];
    const started = await browser.request(`${origin}/v1/session/orgs/${org}/ms-provision/start`, {
      method: "POST",
      headers: { authorization: `Bearer ${await product.session(org)}`, origin },
      body: JSON.stringify({ return_to: "http://localhost/settings" }),
    });
    const { id, consent_url: consentUrl } = (await started.json()) as { id: string; consent_url: string };
    const callback = await consent(browser, consentUrl, tenant);
    const dead = killAt(one, api);
    // The browser follows from the callback until the connection breaks; then it repeats that very request.
    let url: string = callback;
    let hasDied = false;
    const restart = async (): Promise<void> => {
      await dead;
      hasDied = true;
      disarm();
      api = await startProcess("api", environment, product.lines);
    };
    const restarted = restart();
    let end: URL | undefined;
    for (let hops = 0; hops < 30 && !end; hops += 1) {
      const asked = url;
      const answer = await insistently(() => browser.request(asked, { signal: AbortSignal.timeout(20_000) }));
      const location = answer.headers.get("location");
      if (location === null) await new Promise((resolve) => setTimeout(resolve, 300));
      else url = new URL(location, url).href;
      if (new URL(url).pathname === "/settings") end = new URL(url);
    }
    if (!hasDied) {
      disarm();
      await api.kill("SIGKILL");
    }
    expect(hasDied, "the moment came").toBe(true);
    await restarted;
    expect(Object.fromEntries(end?.searchParams ?? [])).toMatchObject({ ok: "microsoft_connected" });
    await untilEnded(product, id);
    expect(await brokenInvariants({ product, tenant, requestId: id })).toEqual([]);
    const again = await browser.request(callback);
    expect(new URL(again.headers.get("location") ?? "", origin).searchParams.get("ok")).toBe(
      "microsoft_connected",
    );
    const stranger = await refusalOf(new Browser(), callback.replace(tenant.id, randomUUID()));
    expect(stranger).toMatchObject({ status: 403, code: "wrong_browser" });
    expect(await api.kill("SIGTERM")).toBe(0);
  });
});

itLeavesNoPlaintext(() => product, [processTmp]);
