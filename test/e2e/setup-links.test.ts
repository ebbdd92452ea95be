import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import { consent, eventually, liveApplications, type Product, startProduct } from "../support/product.ts";
import {
  approve,
  isSetupPage,
  linkView,
  makeLink,
  portal,
  post,
  press,
  prove,
} from "../support/setup-links.ts";

// An administrator without an account approves by a link: what the link does by itself, and in whose browser.

let product: Product;
beforeAll(async () => {
  product = await startProduct({ AUTHIO_MS_SETUP_LINKS: "1" });
  await product.startWorker();
});
afterAll(() => product.stop());

const clicksOf = async (id: string) =>
  (await product.sql`select status, error_code, binding, browser_hash from ms_provision_requests
    where setup_link_id = ${id} order by created_at`) as unknown as {
    status: string;
    error_code: string | null;
    binding: string;
  }[];
const auditOf = async (org: string) =>
  (await product.sql`select action, actor from audit_events where org_id = ${org} order by id`).map(
    ({ action, actor }) => `${String(actor)} ${String(action)}`,
  );
const codeOn = async (answer: Response): Promise<string | undefined> =>
  /Code: (\w+)/.exec(await answer.text())?.[1];

it("leads from the owner to an administrator and back to a live connection", async () => {
  const tenant = product.addTenant();
  const { org, id, link } = await makeLink(product, {
    domain: tenant.users[0]?.email.split("@")[1],
    success_url: "http://localhost/thanks",
    it_contact_emails: ["it@contoso.example"],
  });
  expect(await linkView(product, org, id)).toMatchObject({
    status: "open",
    it_contact_emails: ["it@contoso.example"],
  });
  const browser = new Browser();
  const opened = await (await browser.request(link)).text();
  expect(opened).toContain("Test &amp; Söhne");
  expect(opened).toContain("usr_1");
  expect(opened).toContain("Authio SSO – Test &amp; Söhne");
  const { page, proofId } = await prove(product, link, tenant, browser);
  expect(await linkView(product, org, id)).toMatchObject({ status: "proved" });
  const asked = await (await browser.request(page)).text();
  for (const text of [
    "Test &amp; Söhne",
    "usr_1",
    tenant.id,
    tenant.users[0]?.email ?? "",
    "This is not mine",
  ])
    expect(asked).toContain(text);
  // Nothing yet for the owner, and nothing in the directory.
  const early = { entra_tenant_id: tenant.id, proof_id: proofId };
  expect(await portal(product, org, `/${id}/confirm`, { body: early })).toMatchObject({
    status: 409,
    body: { code: "setup_not_approved" },
  });
  expect((await post(product, browser, page.href, { answer: "approve" })).headers.get("location")).toBe(
    page.href,
  );
  expect(await (await browser.request(page)).text()).toContain("http://localhost/thanks");
  // Opened again in that browser, the link leads to where it stands.
  expect((await browser.request(link)).headers.get("location")).toBe(page.href);
  expect(liveApplications(tenant)).toHaveLength(0);
  const { status, proof } = await linkView(product, org, id);
  expect([status, proof]).toMatchObject([
    "approved",
    {
      proof_id: proofId,
      entra_tenant_id: tenant.id,
      entra_domain: tenant.users[0]?.email.split("@")[1],
      approved_by: tenant.users[0]?.email,
    },
  ]);
  expect(proof?.must_type).toBeUndefined();
  const body = { entra_tenant_id: tenant.id, proof_id: proofId };
  const confirmed = await portal(product, org, `/${id}/confirm`, {
    body,
    role: "admin",
    claims: { sub: "usr_2" },
  });
  expect(confirmed.status).toBe(202);
  await eventually(
    async () =>
      (await product.sql`select status from sso_connections where org_id = ${org}`)[0]?.["status"] ===
      "active",
  );
  expect(liveApplications(tenant)).toHaveLength(1);
  expect(await linkView(product, org, id)).toMatchObject({ status: "confirmed", provision_id: proofId });
  expect(await (await browser.request(page)).text()).toContain("The connection is live");
  // The same again is harmless; the link is used.
  expect((await portal(product, org, `/${id}/confirm`, { body })).status).toBe(202);
  expect(await codeOn(await new Browser().request(link))).toBe("setup_link_confirmed");
  expect(await clicksOf(id)).toMatchObject([{ status: "succeeded", binding: "setup_link" }]);
  expect(await auditOf(org)).toEqual(
    expect.arrayContaining([
      "user:usr_1 setup_link_created",
      "browser started",
      "browser consented",
      "browser proved",
      "browser approved",
      "user:usr_2 confirmed",
      "system succeeded",
    ]),
  );
});

describe("opening a link", () => {
  it("consumes nothing, by whom and however often it is asked", async () => {
    const { org, id, link } = await makeLink(product);
    for (const init of [
      {},
      { method: "HEAD" },
      { headers: { "user-agent": "Mozilla/5.0 (compatible; SafeLinks)", "sec-fetch-site": "none" } },
      { headers: { origin: product.origin, "sec-fetch-site": "same-origin" } },
      { headers: { purpose: "prefetch", "sec-purpose": "prefetch;prerender" } },
    ]) {
      const answer = await fetch(link, init);
      expect(answer.status).toBe(init.method === "HEAD" ? 204 : 200);
      expect(answer.headers.get("set-cookie")).toBeNull();
      if (init.method === "HEAD") continue;
      expect(answer.headers.get("cache-control")).toBe("no-store");
      expect(answer.headers.get("x-robots-tag")).toContain("noindex");
    }
    expect(await clicksOf(id)).toEqual([]);
    expect(await linkView(product, org, id)).toMatchObject({ status: "open" });
    expect(await auditOf(org)).toEqual(["user:usr_1 setup_link_created"]);
    // No log of ours has the token.
    expect(product.lines.join("\n")).not.toContain(new URL(link).searchParams.get("token"));
  });

  it.each([
    ["without a token", ""],
    ["with another", `?token=${"A".repeat(43)}`],
    ["cut short", "?token=abc"],
    ["with a letter too many", `?token=${"A".repeat(44)}`],
    ["with a quote", "?token=%27%3B--"],
  ])("%s leads nowhere", async (_name, query) => {
    const answer = await fetch(`${product.origin}/v1/sso/setup${query}`);
    expect([answer.status, await codeOn(answer)]).toEqual([404, "setup_link_unknown"]);
  });
});

describe("pressing it", () => {
  it.each<[string, Record<string, string>]>([
    ["another site", { origin: "https://evil.example", "sec-fetch-site": "cross-site" }],
    ["a sibling host", { origin: "http://app.localhost", "sec-fetch-site": "same-site" }],
    ["a program", {}],
  ])("from %s does nothing", async (_name, headers) => {
    const { id, link } = await makeLink(product);
    const url = new URL(link);
    const answer = await fetch(`${url.origin}${url.pathname}`, {
      method: "POST",
      headers,
      body: new URLSearchParams({ token: url.searchParams.get("token") ?? "" }),
      redirect: "manual",
    });
    expect([answer.status, await codeOn(answer)]).toEqual([403, "cross_site_refused"]);
    expect(answer.headers.get("set-cookie")).toBeNull();
    expect(await clicksOf(id)).toEqual([]);
  });

  it("is for one browser at a time, which may press again", async () => {
    const { id, link } = await makeLink(product);
    const [mine, other] = [new Browser(), new Browser()];
    const first = await press(product, mine, link);
    const url = new URL(link);
    const token = url.searchParams.get("token") ?? "";
    const refused = await post(product, other, `${url.origin}${url.pathname}`, { token });
    expect([refused.status, await codeOn(refused)]).toEqual([409, "setup_link_in_use"]);
    expect(await codeOn(await other.request(link))).toBe("setup_link_in_use");
    const second = await press(product, mine, link);
    expect(second).not.toBe(first);
    expect((await clicksOf(id)).map(({ status }) => status)).toEqual(["expired", "issued"]);
    // The first consent is dead in the same browser too; the second goes on.
    const tenant = product.addTenant();
    const dead = await mine.request(await consent(mine, first, tenant));
    expect((await mine.request(dead.headers.get("location") ?? "")).status).toBe(410);
    const callback = await consent(mine, second, tenant);
    await mine.follow(await mine.request(callback), isSetupPage);
    expect((await clicksOf(id)).map(({ status }) => status)).toEqual(["expired", "unconfirmed"]);
  });

  it("twenty times at once leads to one open click", async () => {
    const { id, link } = await makeLink(product);
    const url = new URL(link);
    const token = url.searchParams.get("token") ?? "";
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        post(product, new Browser(), `${url.origin}${url.pathname}`, { token }),
      ),
    );
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
    expect((await clicksOf(id)).map(({ status }) => status)).toEqual(["issued"]);
  });

  it("takes no place of the organization's own starts, and ends after fifty", async () => {
    const { org, id, link } = await makeLink(product);
    const browser = new Browser();
    for (let presses = 0; presses < 50; presses += 1) await press(product, browser, link);
    const url = new URL(link);
    const token = url.searchParams.get("token") ?? "";
    const worn = await post(product, browser, `${url.origin}${url.pathname}`, { token });
    expect(await codeOn(worn)).toBe("setup_link_worn_out");
    expect(await clicksOf(id)).toHaveLength(50);
    const started = await fetch(`${product.origin}/v1/session/orgs/${org}/ms-provision/start`, {
      method: "POST",
      headers: { authorization: `Bearer ${await product.session(org)}`, origin: product.origin },
      body: "{}",
    });
    expect(started.status).toBe(201);
    const { body } = await portal(product, org, `/${id}`);
    expect(body).toMatchObject({ status: "in_progress" });
  });
});

describe("out of the browser that pressed", () => {
  it("a consent URL is worth nothing, and burns that click alone", async () => {
    const { org, id, link } = await makeLink(product);
    const victim = new Browser();
    const consentUrl = await press(product, victim, link);
    const thief = new Browser();
    const tenant = product.addTenant();
    const stolen = await thief.followAll(await thief.request(await consent(thief, consentUrl, tenant)));
    expect([stolen.status, await codeOn(stolen)]).toEqual([403, "wrong_browser"]);
    expect(await clicksOf(id)).toMatchObject([{ status: "refused", error_code: "wrong_browser" }]);
    // The link is open again for the administrator.
    expect(await linkView(product, org, id)).toMatchObject({ status: "open" });
    await prove(product, link, tenant, victim);
  });

  it("a proof URL is worth nothing", async () => {
    const { id, link } = await makeLink(product);
    const tenant = product.addTenant();
    const victim = new Browser();
    const callback = await consent(victim, await press(product, victim, link), tenant);
    const isCode = (url: URL): boolean => url.searchParams.has("code");
    const proofUrl = await victim.follow(await victim.request(callback), isCode);
    const thief = new Browser();
    const stolen = await thief.followAll(await thief.request(proofUrl));
    expect([stolen.status, await codeOn(stolen)]).toEqual([403, "wrong_browser"]);
    expect(await clicksOf(id)).toMatchObject([{ status: "refused" }]);
    // Its code was not spent for the thief, and is good for nobody any more.
    expect((await victim.followAll(await victim.request(proofUrl))).status).toBe(403);
    expect(liveApplications(tenant)).toHaveLength(0);
  });

  it("the page where the administrator answers is not there", async () => {
    const { org, id, link } = await makeLink(product);
    const { page, browser } = await prove(product, link, product.addTenant());
    for (const thief of [new Browser(), await starterOf(org)]) {
      expect((await thief.request(page)).status).toBe(404);
      expect((await post(product, thief, page.href, { answer: "approve" })).status).toBe(404);
    }
    expect(await linkView(product, org, id)).toMatchObject({ status: "proved" });
    // In the right browser, but from another site.
    const forged = await browser.request(page, {
      method: "POST",
      headers: { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
      body: new URLSearchParams({ answer: "approve" }),
    });
    expect(forged.status).toBe(403);
    expect(await linkView(product, org, id)).toMatchObject({ status: "proved" });
  });

  it("a click of a link is not confirmed as another site's dashboard confirms its own", async () => {
    const { org, link } = await makeLink(product);
    const { proofId } = await approve(product, link, product.addTenant());
    const answer = await fetch(`${product.origin}/v1/session/orgs/${org}/ms-provision/${proofId}/confirm`, {
      method: "POST",
      headers: { authorization: `Bearer ${await product.session(org)}`, origin: product.origin },
      body: JSON.stringify({ ms_confirm: "x" }),
    });
    expect(((await answer.json()) as { code: string }).code).toBe("not_confirmable");
  });
});

/** A browser that has the cookie of a start, and none of a press. */
async function starterOf(org: string): Promise<Browser> {
  const browser = new Browser();
  await browser.request(`${product.origin}/v1/session/orgs/${org}/ms-provision/start`, {
    method: "POST",
    headers: { authorization: `Bearer ${await product.session(org)}`, origin: product.origin },
    body: "{}",
  });
  return browser;
}

it("no binding becomes another in the database either", async () => {
  const { id, link } = await makeLink(product);
  await press(product, new Browser(), link);
  for (const change of [
    product.sql`update ms_provision_requests set binding = 'cookie' where setup_link_id = ${id}`,
    product.sql`update ms_provision_requests set binding = 'confirm' where setup_link_id = ${id}`,
    product.sql`update ms_provision_requests set setup_link_id = null where setup_link_id = ${id}`,
  ])
    await expect(change).rejects.toThrow(/setup_link_is_named/);
});
