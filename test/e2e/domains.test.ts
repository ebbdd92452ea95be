import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import { noRealism } from "../../src/simulator/options.ts";
import { applicationsFile, challengeOf, foreign, newSecret, nextOf, notes } from "../support/applications.ts";
import { connect, eventually, newOrg, type Product, startProduct } from "../support/product.ts";

// Which connection a domain leads to, and who is told.

const file = applicationsFile();
let product: Product;
beforeAll(async () => {
  product = await startProduct({ AUTHIO_APPLICATIONS_FILE: file.file });
  await product.startWorker();
});
afterAll(async () => {
  await product.stop();
  file.remove();
});
beforeEach(() => void product.addReplica({}));
afterEach(() => {
  product.simulator.world.realism = noRealism;
  product.simulator.world.setFaults([]);
});

async function connected(userName?: unknown) {
  const [tenant, org] = [product.addTenant(), newOrg()];
  const domain = tenant.users[0]?.email.replace(/^.*@/, "") ?? "";
  if (userName !== undefined)
    product.simulator.world.realism = { ...noRealism, idTokenClaims: { preferred_username: userName } };
  const { end } = await connect(product, tenant, { org });
  return { tenant, org, domain, id: end.searchParams.get("connection") ?? "" };
}
const rowOf = async (id: string) =>
  (
    await product.sql`select entra_domain, proved_domain, domain_looked_at from sso_connections where id = ${id}`
  )[0];
const isLookedAt = (id: string) =>
  eventually(async () => {
    const at = (await rowOf(id))?.["domain_looked_at"] as Date | null;
    return at !== null && at.getTime() > Date.now() - 60_000;
  });

function authorizeUrl(domainHint: string, who: { clientId: string; redirectUri: string } = notes): string {
  const url = new URL("/v1/auth/authorize", product.origin);
  url.search = new URLSearchParams({
    client_id: who.clientId,
    redirect_uri: who.redirectUri,
    response_type: "code",
    scope: "openid",
    state: "s",
    code_challenge: challengeOf(newSecret()),
    code_challenge_method: "S256",
    domain_hint: domainHint,
  }).toString();
  return url.href;
}
const pageOf = async (url: string): Promise<string> => {
  const answer = await new Browser().request(url);
  expect(answer.status).toBe(200);
  // What the person typed and what belongs to this call alone.
  return (await answer.text()).replaceAll(/(?:value|href)="[^"]*"/g, "");
};

describe("the domain of a connection", () => {
  it("is the administrator's, once its own discovery names the directory", async () => {
    const { org, domain, id } = await connected();
    await isLookedAt(id);
    const answer = await fetch(`${product.origin}/v1/session/orgs/${org}/sso-connections/${id}`, {
      headers: { authorization: `Bearer ${await product.session(org, "member")}` },
    });
    expect(await answer.json()).toMatchObject({ entra_domain: domain });
  });

  it("is none that another directory has, nobody has, or a guest's name holds", async () => {
    const other = await connected();
    const made = [
      await connected(`ada@${other.domain}`),
      await connected("ada@nobody.example"),
      await connected(`ada_contoso.example#EXT#@${other.domain}`),
      await connected({ odd: true }),
    ];
    for (const { id } of made.slice(0, 2)) await isLookedAt(id);
    for (const { id } of made) expect((await rowOf(id))?.["entra_domain"]).toBeNull();
    expect((await rowOf(made[2]?.id ?? ""))?.["proved_domain"]).toBeNull();
  });

  it("is asked for again each day, kept while Microsoft does not say, and gone when it leads elsewhere", async () => {
    const { tenant, domain, id } = await connected();
    await isLookedAt(id);
    const age = () =>
      product.sql`update sso_connections set domain_looked_at = now() - interval '25 hours' where id = ${id}`;
    product.simulator.world.setFaults([{ call: "discovery", kind: "answer", status: 503, times: 99 }]);
    await age();
    // Due again in an hour.
    await eventually(async () => {
      const at = (await rowOf(id))?.["domain_looked_at"] as Date;
      return Math.abs(Date.now() - at.getTime() - 23 * 3_600_000) < 60_000;
    });
    expect((await rowOf(id))?.["entra_domain"]).toBe(domain);
    product.simulator.world.setFaults([]);
    Object.assign(tenant, { domains: [] });
    await age();
    await isLookedAt(id);
    expect((await rowOf(id))?.["entra_domain"]).toBeNull();
  });
});

describe("a further domain that is verified in the directory", () => {
  /** An administrator whose user name has no domain of its own, as those have who are in the cloud alone. */
  async function withDomains(...more: string[]) {
    const made = await connected("admin");
    Object.assign(made.tenant, { domains: [made.domain, ...more] });
    return made;
  }
  const further = () => `further-${newOrg().slice(4)}.example`;
  const questions = (domain: string): number =>
    product.simulator.world.calls.filter(
      ({ call, tenantId }) => call === "discovery" && tenantId.toLowerCase() === domain,
    ).length;

  it("leads there, for the asking, once in an hour", async () => {
    const domain = further();
    const { tenant, id } = await withDomains(domain);
    for (const hint of [domain, `max@${domain.toUpperCase()}`]) {
      const to = new URL(await nextOf(new Browser(), authorizeUrl(hint)));
      expect(to.pathname).toContain(tenant.id);
      expect(to.searchParams.get("domain_hint")).toBe(domain);
    }
    expect((await rowOf(id))?.["entra_domain"]).toBeNull();
    const initiate = `${product.origin}/v1/sso/connections/${id}/initiate?domain_hint=${domain}`;
    expect(new URL(await nextOf(new Browser(), initiate)).searchParams.get("domain_hint")).toBe(domain);
    expect(questions(domain)).toBe(1);
  });

  it("leads nobody to a directory that does not own it, or whose guest they are", async () => {
    const [one, other] = [await withDomains(), await withDomains()];
    const unknown = await pageOf(authorizeUrl("nobody.example"));
    const guest = `max_${other.domain.replaceAll(".", "_")}#EXT#`;
    expect(await nextOf(new Browser(), authorizeUrl(other.domain))).toContain(other.tenant.id);
    expect(await pageOf(authorizeUrl(other.domain, foreign))).toBe(
      await pageOf(authorizeUrl("nobody.example", foreign)),
    );
    for (const hint of [guest, `x.${one.domain}`]) expect(await pageOf(authorizeUrl(hint))).toBe(unknown);
    const initiate = `${product.origin}/v1/sso/connections/${one.id}/initiate?domain_hint=${other.domain}`;
    expect((await new Browser().request(initiate)).status).toBe(404);
  });

  it("leads to neither of two organizations that connected the directory", async () => {
    const domain = further();
    const { tenant, id } = await withDomains(domain);
    product.simulator.world.realism = noRealism;
    const { end } = await connect(product, tenant, { org: newOrg() });
    await isLookedAt(end.searchParams.get("connection") ?? "");
    expect((await rowOf(id))?.["entra_domain"]).toBeNull();
    const unknown = await pageOf(authorizeUrl("nobody.example"));
    for (const hint of [domain, tenant.domains?.[0] ?? ""]) {
      expect(await pageOf(authorizeUrl(hint))).toBe(unknown);
      const chosen = new URL(authorizeUrl(hint));
      chosen.searchParams.set("connection", id);
      expect(await nextOf(new Browser(), chosen.href)).toContain(tenant.id);
    }
  });

  it.each([400, 404])("is nobody's where Microsoft answers %i, whatever its words are", async (status) => {
    const unknown = await pageOf(authorizeUrl("nobody.example"));
    product.simulator.world.setFaults([{ call: "discovery", kind: "answer", status, times: 9 }]);
    expect(await pageOf(authorizeUrl(`of-${status}.example`))).toBe(unknown);
  });

  it("is waited for while Microsoft does not say", async () => {
    const domain = further();
    const { tenant } = await withDomains(domain);
    product.simulator.world.setTenantFaults(domain, [
      { call: "discovery", kind: "answer", status: 503, times: 1 },
    ]);
    const answer = await new Browser().request(authorizeUrl(domain));
    expect([answer.status, answer.headers.get("location")]).toEqual([503, null]);
    await eventually(async () =>
      (await nextOf(new Browser(), authorizeUrl(domain))).includes(`/${tenant.id}/`),
    );
  });
});

describe("a sign-in that names a domain", () => {
  it("leads to Microsoft with it, from an address in any case and from the page that asks", async () => {
    const { tenant, domain, id } = await connected();
    await isLookedAt(id);
    const to = new URL(await nextOf(new Browser(), authorizeUrl(`Ada@${domain.toUpperCase()}`)));
    expect(to.pathname).toContain(tenant.id);
    expect(to.searchParams.get("domain_hint")).toBe(domain);
    const asked = new URL(authorizeUrl("nobody.example"));
    const form = new URLSearchParams(asked.search);
    form.set("domain_hint", `max@${domain}`);
    const posted = await nextOf(new Browser(), asked.origin + asked.pathname, { method: "POST", body: form });
    expect(posted).toContain(`/${tenant.id}/oauth2/v2.0/authorize`);
  });

  it("is told the same where it is unknown, another project's, or two connections'", async () => {
    const { tenant, domain, id } = await connected();
    await isLookedAt(id);
    const unknown = await pageOf(authorizeUrl("nobody.example"));
    expect(unknown).toContain("did not lead to one organization");
    for (const odd of ["../organizations", "localhost", "a b"])
      expect(await pageOf(authorizeUrl(odd))).toBe(unknown);
    const foreignPage = (hint: string) => pageOf(authorizeUrl(hint, foreign));
    expect(await foreignPage(domain)).toBe(await foreignPage("nobody.example"));
    const { end } = await connect(product, tenant, { org: newOrg() });
    await isLookedAt(end.searchParams.get("connection") ?? "");
    expect(await pageOf(authorizeUrl(domain))).toBe(unknown);
  });

  it("can be given up: the page leads back to the application", async () => {
    const page = await (await new Browser().request(authorizeUrl("nobody.example"))).text();
    const back = new URL(
      /href="([^"]*error=access_denied[^"]*)"/.exec(page)?.[1]?.replaceAll("&amp;", "&") ?? "",
    );
    expect(back.href.startsWith(`${notes.redirectUri}&error=access_denied`)).toBe(true);
    expect([back.searchParams.get("state"), back.searchParams.get("iss")]).toEqual(["s", product.origin]);
  });

  it("cannot be tried without end", async () => {
    const { domain, id } = await connected();
    await isLookedAt(id);
    for (let guess = 0; guess < 20; guess += 1)
      expect((await fetch(authorizeUrl(`guess-${guess}.example`))).status).toBe(200);
    const refused = await fetch(authorizeUrl("one-more.example"));
    expect([refused.status, Number(refused.headers.get("retry-after")) > 0]).toEqual([429, true]);
    // The right one is no oracle either.
    expect((await fetch(authorizeUrl(domain), { redirect: "manual" })).status).toBe(429);
    // Whoever shares the address and names what nobody guesses goes on.
    const named = new URL(authorizeUrl(domain));
    named.searchParams.delete("domain_hint");
    named.searchParams.set("connection", id);
    expect((await fetch(named, { redirect: "manual" })).status).toBe(303);
    named.searchParams.set("connection", "sso_0");
    for (let wrong = 0; wrong < 25; wrong += 1) expect((await fetch(named)).status).toBe(200);
  });
});
