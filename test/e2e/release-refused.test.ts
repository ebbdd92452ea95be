import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import {
  connect,
  consent,
  eventually,
  finish,
  liveApplications,
  type Product,
  start,
  startProduct,
} from "../support/product.ts";
import { beginRelease, clickViewOf, connected, disconnected, released, toldBy } from "../support/release.ts";
import { chooseUser } from "../support/sign-in.ts";

// Who may not have our app removed from a directory, and when nobody may.

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  await product.startWorker();
});
afterAll(() => product.stop());
afterEach(() => product.simulator.world.setFaults([]));

describe("a release is refused", () => {
  it("while another organization is connected there or just approved it, and nobody is named", async () => {
    const one = await connected(product);
    const other = await connected(product, one.tenant);
    const refused = await beginRelease(one);
    expect([refused.status, refused.body["code"]]).toEqual([409, "directory_in_use"]);
    expect(JSON.stringify(refused.body)).not.toContain(other.org);
    await disconnected(other);
    expect((await beginRelease(one)).status).toBe(201);

    const theirs = new Browser();
    const started = await start(product, theirs, "org_third", {});
    const callback = await consent(theirs, started.consent_url, one.tenant);
    // Approved, and not proved yet.
    await theirs.request(callback);
    expect((await beginRelease(one)).body["code"]).toBe("directory_in_use");
  });

  it("after the proof too, where somebody was connected in the meantime", async () => {
    const one = await connected(product);
    const { proof_url: proofUrl } = (await beginRelease(one)).body;
    await connected(product, one.tenant);
    const end = await finish(one.browser, proofUrl);
    expect(toldBy(end)).toEqual({ ok: null, error: "directory_in_use" });
    expect(one.tenant.consentedMs).not.toBeNull();
  });

  it("and holds up others meanwhile, whose click says that something else is under way", async () => {
    const one = await connected(product);
    product.simulator.world.setTenantFaults(one.tenant.id, [
      { call: "deleteServicePrincipal", kind: "answer", status: 503, times: 1_000_000 },
    ]);
    const release = released(one);
    await eventually(async () => {
      const rows = await product.sql`
        select 1 from connection_operations where org_id = ${one.org} and kind = 'release' and status = 'running'`;
      return rows.length > 0;
    });
    const { end } = await connect(product, one.tenant);
    expect(toldBy(end)).toEqual({ ok: null, error: "operation_in_progress" });
    const own = await connect(product, one.tenant, { org: one.org });
    expect(toldBy(own.end)).toEqual({ ok: null, error: "operation_in_progress" });
    product.simulator.world.setTenantFaults(one.tenant.id, []);
    expect(toldBy((await release).end).ok).toBe("microsoft_released");
  });

  it("and gives way to a disconnection, which still finds our access; a second click had joined it", async () => {
    const one = await connected(product);
    product.simulator.world.setTenantFaults(one.tenant.id, [
      { call: "deleteServicePrincipal", kind: "answer", status: 503, times: 1_000_000 },
    ]);
    const [first, second] = [released(one), released(one)];
    await eventually(async () => {
      const rows = await product.sql`
        select 1 from ms_provision_requests where org_id = ${one.org} and status = 'superseded'`;
      return rows.length > 0;
    });
    await disconnected(one);
    for (const { end } of [await first, await second])
      expect(toldBy(end)).toEqual({ ok: null, error: "connection_disconnected" });
    expect(liveApplications(one.tenant)).toEqual([]);
    product.simulator.world.setTenantFaults(one.tenant.id, []);
    expect(toldBy((await released(one)).end).ok).toBe("microsoft_released");
  });

  it("where another directory was proved, with both names", async () => {
    const one = await connected(product);
    const two = await connected(product);
    const { id, proof_url: proofUrl } = (await beginRelease(one)).body;
    const elsewhere = new URL(proofUrl);
    elsewhere.searchParams.set("tenant", two.tenant.id);
    const hop = new URL((await one.browser.request(elsewhere.href)).headers.get("location") ?? "");
    hop.searchParams.delete("prompt");
    await finish(one.browser, await chooseUser(one.browser, two.tenant, hop.href, 0));
    const { status, error } = await clickViewOf(one, id);
    expect([status, error?.code]).toEqual(["refused", "directory_differs"]);
    expect(error?.detail).toContain(one.tenant.id);
    expect(error?.detail).toContain(two.tenant.id);
    expect([one.tenant.consentedMs, two.tenant.consentedMs]).not.toContain(null);
  });

  it("where no administrator proves it, or another browser comes", async () => {
    const one = await connected(product);
    const stranger = new Browser();
    const { proof_url: proofUrl } = (await beginRelease(one)).body;
    expect((await stranger.request(proofUrl)).status).toBeGreaterThanOrEqual(300);
    const again = await finish(one.browser, proofUrl);
    expect(toldBy(again).error).toBe("wrong_browser");

    const member = { ...one, browser: new Browser() };
    const { proof_url: theirs } = (await beginRelease(member)).body;
    const silent = (await member.browser.request(theirs)).headers.get("location") ?? "";
    const asked = await member.browser.request(
      (await member.browser.request(silent)).headers.get("location") ?? "",
    );
    const callback = await chooseUser(member.browser, one.tenant, asked.headers.get("location") ?? "", 1);
    const end = await finish(member.browser, callback);
    expect(toldBy(end).error).toBe("not_an_administrator");
    expect(one.tenant.consentedMs).not.toBeNull();
  });

  it("to members and impersonated sessions, for strangers' connections, and a second time", async () => {
    const one = await connected(product);
    expect((await beginRelease(one, { role: "member" })).body["code"]).toBe("insufficient_role");
    expect((await beginRelease(one, { claims: { is_impersonation: true } })).body["code"]).toBe(
      "impersonation_not_allowed",
    );
    const two = await connected(product);
    expect((await beginRelease({ ...two, id: one.id })).body["code"]).toBe("not_found");
    expect((await beginRelease(one, { body: { nonsense: 1 } })).body["code"]).toBe("invalid_request");
    await released(one);
    expect((await beginRelease(one)).body["code"]).toBe("access_released");
  });
});
