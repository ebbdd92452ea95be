import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import { consent, newOrg } from "../support/product.ts";
import { itLeavesNoPlaintext } from "../support/plaintext.ts";
import { refusalOf } from "../support/refusal.ts";
import { type ApiKill, declareApiLane, insistently } from "./support/api-lane.ts";
import { byName, untilEnded } from "./support/cases.ts";
import { itHasDocumentedCases } from "./support/documented-cases.ts";
import { brokenInvariants } from "./support/invariants.ts";
import { processTmp } from "./support/processes.ts";

// The API process is killed while a callback is under way. Then it is started again and the browser repeats its
// request, as a person's reload does: the approval is not lost, and it works once.

const statements: readonly (readonly [string, RegExp, true?])[] = [
  ["consuming the state", /update "ms_provision_requests" set "browser_hash"/],
  ["recording the code", /insert into "code_redemptions"/],
  ["taking the lease on the code", /update "ms_provision_requests" set "proof_lease_until" = now\(\)/],
  ["committing the proof", /update "ms_provision_requests" set [^;]*"proved_at"/],
  ["the proof's commit", /update "ms_provision_requests" set [^;]*"proved_at"/, true],
  ["beginning the run", /update "connection_operations" set "status" = \$1, "workflow_id"/],
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

const lane = declareApiLane();

describe("kill the api", () => {
  it.each(byName(cases))("%s", { timeout: 180_000 }, async (_name, one) => {
    const { product, origin, startApi, killAt, disarm } = lane();
    let api = await startApi();
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
      api = await startApi();
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

itLeavesNoPlaintext(() => lane().product, [processTmp]);

itHasDocumentedCases("API killed", cases.length);
