import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import {
  connect,
  consent,
  eventually,
  liveApplications,
  type Product,
  startProduct,
} from "../support/product.ts";
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

// The owner's part of a setup link: who may make, see, revoke and confirm, and what exactly is confirmed. No worker runs,
// so a confirmed click stays `proved` or `provisioning`.

let product: Product;
beforeAll(async () => {
  product = await startProduct({ AUTHIO_MS_SETUP_LINKS: "1" });
});
afterAll(() => product.stop());

const statusOf = async (clickId: string) =>
  (await product.sql`select status, error_code from ms_provision_requests where id = ${clickId}`)[0];
const domainOf = (tenant: { users: readonly { email: string }[] }) =>
  tenant.users[0]?.email.split("@")[1] ?? "";

/** A link whose administrator has approved. */
async function approved(wish: Record<string, unknown> = {}) {
  const tenant = product.addTenant();
  const made = await makeLink(product, wish);
  const proved = await approve(product, made.link, tenant);
  return { ...made, ...proved, tenant, body: { entra_tenant_id: tenant.id, proof_id: proved.proofId } };
}

describe("revoking", () => {
  it("ends the link and what is open through it, wherever it is", async () => {
    const { org, id, link, page, browser, proofId, body } = await approved();
    expect((await portal(product, org, `/${id}`, { method: "DELETE" })).body["status"]).toBe("revoked");
    expect((await portal(product, org, `/${id}`, { method: "DELETE" })).body["status"]).toBe("revoked");
    expect(await statusOf(proofId)).toMatchObject({ status: "refused", error_code: "setup_link_revoked" });
    for (const url of [link, page.href]) {
      const answer = await browser.request(url);
      expect([answer.status, await answer.text()]).toEqual([410, expect.stringContaining("withdrawn")]);
    }
    expect((await portal(product, org, `/${id}/confirm`, { body })).body["code"]).toBe("setup_link_revoked");
    expect(await (await post(product, browser, page.href, { answer: "approve" })).text()).toContain(
      "setup_answer_too_late",
    );
  });

  it("comes too late for what was confirmed", async () => {
    const { org, id, body } = await approved();
    expect((await portal(product, org, `/${id}/confirm`, { body })).status).toBe(202);
    expect((await portal(product, org, `/${id}`, { method: "DELETE" })).body["code"]).toBe(
      "setup_link_confirmed",
    );
  });

  it("happens by itself once its maker is seen without the role", async () => {
    const { org, id, body } = await approved();
    // A colleague's session says nothing about the maker.
    const asMember = (claims: Record<string, unknown>) =>
      portal(product, org, "", { role: "member", claims });
    await asMember({ sub: "usr_2" });
    expect(await linkView(product, org, id)).toMatchObject({ status: "approved" });
    // Second resolution: the session must be younger than the link.
    await product.sql`update setup_links set created_at = created_at - interval '5 seconds',
      expires_at = expires_at - interval '5 seconds' where id = ${id}`;
    expect((await asMember({})).body["code"]).toBe("insufficient_role");
    const asColleague = { claims: { sub: "usr_2" } };
    expect((await portal(product, org, `/${id}`, asColleague)).body["status"]).toBe("revoked");
    expect((await portal(product, org, `/${id}/confirm`, { ...asColleague, body })).body["code"]).toBe(
      "setup_link_revoked",
    );
  });
});

it("a link that is confirmed at that moment keeps none of the maker's others open", async () => {
  const [one, other] = [await approved(), await approved()];
  await product.sql`update setup_links set org_id = ${one.org}, created_at = created_at - interval '5 seconds',
    expires_at = expires_at - interval '5 seconds' where id in (${one.id}, ${other.id})`;
  let confirm = (): void => undefined;
  const isTime = new Promise<void>((resolve) => (confirm = resolve));
  const confirming = product.sql.begin(async (sql) => {
    await sql`select from setup_links where id = ${one.id} for update`;
    await isTime;
    await sql`update setup_links set status = 'confirmed', ended_at = now(), confirmed_request_id = ${one.proofId}
      where id = ${one.id}`;
  });
  const seen = portal(product, one.org, "", { role: "member" });
  await eventually(async () => {
    const [row] = await product.sql`select count(*)::int as waiting from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
    return row?.["waiting"] === 1;
  });
  confirm();
  await confirming;
  expect((await seen).body["code"]).toBe("insufficient_role");
  const rows = await product.sql`select id, status from setup_links where id in (${one.id}, ${other.id})`;
  expect(Object.fromEntries(rows.map(({ id, status }) => [id as string, status as string]))).toEqual({
    [one.id]: "confirmed",
    [other.id]: "revoked",
  });
});

describe("an expired link", () => {
  it("opens, presses and confirms no more; a proof that is there has its hour", async () => {
    const idle = await makeLink(product);
    const waiting = await approved();
    await product.sql`update setup_links set created_at = now() - interval '7 days', expires_at = now() - interval '1 second'
      where id in (${idle.id}, ${waiting.id})`;
    expect((await fetch(idle.link)).status).toBe(410);
    const url = new URL(idle.link);
    const token = url.searchParams.get("token") ?? "";
    expect((await post(product, new Browser(), `${url.origin}${url.pathname}`, { token })).status).toBe(410);
    expect(await linkView(product, idle.org, idle.id)).toMatchObject({ status: "expired" });
    expect(
      (await portal(product, waiting.org, `/${waiting.id}/confirm`, { body: waiting.body })).status,
    ).toBe(202);
  });
});

describe("confirming", () => {
  it.each<[string, Parameters<typeof portal>[3], number, string]>([
    ["a member", { role: "member", claims: { sub: "usr_9" } }, 403, "insufficient_role"],
    ["an impersonated owner", { claims: { is_impersonation: true } }, 403, "impersonation_not_allowed"],
    ["an owner of another project", { claims: { project_id: "proj_x" } }, 401, "no_session"],
  ])("is not for %s", async (_name, caller, status, code) => {
    const { org, id, body } = await approved();
    const answer = await portal(product, org, `/${id}/confirm`, { ...caller, body });
    expect(answer).toMatchObject({ status, body: { code } });
    expect(await linkView(product, org, id)).toMatchObject({ status: "approved" });
  });

  it.each<[string, object, number, string]>([
    [
      "another tenant",
      { entra_tenant_id: "c0ffee00-1111-4222-8333-444455556666" },
      409,
      "setup_proof_changed",
    ],
    ["another proof", { proof_id: `mspr_${"0".repeat(32)}` }, 409, "setup_proof_changed"],
    ["no proof", { proof_id: undefined }, 400, "invalid_request"],
    ["no tenant", { entra_tenant_id: undefined }, 400, "invalid_request"],
    ["a tenant that is none", { entra_tenant_id: "common" }, 400, "invalid_request"],
    ["more than is asked", { access: "assigned" }, 400, "invalid_request"],
  ])("with %s is refused", async (_name, change, status, code) => {
    const { org, id, body } = await approved();
    const answer = await portal(product, org, `/${id}/confirm`, { body: { ...body, ...change } });
    expect(answer).toMatchObject({ status, body: { code } });
    expect(await linkView(product, org, id)).toMatchObject({ status: "approved" });
  });

  it("of what was shown before is refused once another proof took its place", async () => {
    const shown = await approved();
    await post(product, shown.browser, shown.page.href, { answer: "refuse" });
    expect(await linkView(product, shown.org, shown.id)).toMatchObject({ status: "open" });
    // Another administrator of another directory, or of the same one: each proof is another.
    const next = await approve(product, shown.link, shown.tenant);
    expect(
      (await portal(product, shown.org, `/${shown.id}/confirm`, { body: shown.body })).body["code"],
    ).toBe("setup_proof_changed");
    const body = { ...shown.body, proof_id: next.proofId };
    expect((await portal(product, shown.org, `/${shown.id}/confirm`, { body })).status).toBe(202);
  });

  it("twice at once begins once", async () => {
    const { org, id, body, proofId } = await approved();
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => portal(product, org, `/${id}/confirm`, { body })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(202));
    const operations = await product.sql`select id from connection_operations where request_id = ${proofId}`;
    expect(operations).toHaveLength(1);
  });

  it("and refusing at once leaves one of the two", async () => {
    for (let round = 0; round < 5; round += 1) {
      const { org, id, body, page, browser, proofId } = await approved();
      const [confirmed] = await Promise.all([
        portal(product, org, `/${id}/confirm`, { body }),
        post(product, browser, page.href, { answer: "refuse" }),
      ]);
      const { status } = await linkView(product, org, id);
      expect([confirmed.status, status]).toEqual(
        confirmed.status === 202 ? [202, "confirmed"] : [409, "open"],
      );
      expect((await statusOf(proofId))?.["status"]).toBe(status === "open" ? "denied" : "provisioning");
    }
  });

  it("more than an hour after the proof opens the link again, for that directory", async () => {
    const { org, id, link, body, proofId, tenant, page, browser } = await approved();
    await product.sql`update ms_provision_requests set proved_at = now() - interval '61 minutes' where id = ${proofId}`;
    expect((await portal(product, org, `/${id}/confirm`, { body })).body["code"]).toBe("setup_proof_expired");
    expect(await linkView(product, org, id)).toMatchObject({ status: "open" });
    expect((await browser.request(page)).status).toBe(409);
    const other = await prove(product, link, product.addTenant());
    expect(await statusOf(other.proofId)).toMatchObject({
      status: "refused",
      error_code: "setup_link_other_directory",
    });
    const again = await approve(product, link, tenant);
    expect(
      (await portal(product, org, `/${id}/confirm`, { body: { ...body, proof_id: again.proofId } })).status,
    ).toBe(202);
  });
});

describe("a link for a domain", () => {
  it("that leads elsewhere asks the owner to type the proved one", async () => {
    const expected = product.addTenant();
    const { org, id, body, tenant } = await approved({ domain: domainOf(expected) });
    expect((await linkView(product, org, id)).proof).toMatchObject({ must_type: domainOf(tenant) });
    for (const domain of [undefined, "", domainOf(expected), "example", tenant.id])
      expect(
        await portal(product, org, `/${id}/confirm`, {
          body: { ...body, ...(domain === undefined ? {} : { domain }) },
        }),
      ).toMatchObject({ status: 422, body: { code: "setup_domain_not_typed" } });
    const typed = { ...body, domain: ` ${domainOf(tenant).toUpperCase()}` };
    expect((await portal(product, org, `/${id}/confirm`, { body: typed })).status).toBe(202);
  });

  it("asks for the directory's id where no domain of it is known", async () => {
    const tenant = product.addTenant();
    const { org, id, link } = await makeLink(product, { domain: "nowhere.example" });
    const { proofId } = await approve(product, link, tenant);
    Object.assign(tenant, { domains: [] });
    const { proof } = await linkView(product, org, id);
    expect([proof?.entra_domain, proof?.must_type]).toEqual([undefined, tenant.id]);
    const body = { entra_tenant_id: tenant.id, proof_id: proofId };
    expect((await portal(product, org, `/${id}/confirm`, { body })).status).toBe(422);
    expect(
      (await portal(product, org, `/${id}/confirm`, { body: { ...body, domain: tenant.id } })).status,
    ).toBe(202);
  });
});

describe("the administrator", () => {
  it("may say that it is not theirs after approving, until the owner confirms", async () => {
    const { org, id, page, browser, body, proofId, tenant } = await approved();
    await post(product, browser, page.href, { answer: "refuse" });
    expect(await (await browser.request(page)).text()).toContain("Nothing was set up");
    expect(await statusOf(proofId)).toMatchObject({ status: "denied", error_code: "setup_link_not_mine" });
    expect((await portal(product, org, `/${id}/confirm`, { body })).body["code"]).toBe("setup_proof_changed");
    expect((await post(product, browser, page.href, { answer: "approve" })).status).toBe(409);
    expect(liveApplications(tenant)).toHaveLength(0);
    const taken = await approved();
    await portal(product, taken.org, `/${taken.id}/confirm`, { body: taken.body });
    expect((await post(product, taken.browser, taken.page.href, { answer: "refuse" })).status).toBe(409);
    expect(await linkView(product, taken.org, taken.id)).toMatchObject({ status: "confirmed" });
  });

  it("without the role, or a guest, proves nothing, and the link stays open", async () => {
    const { org, id, link } = await makeLink(product);
    const tenant = product.addTenant();
    for (const [user, code] of [
      [1, "consent_admin_required"],
      [2, "guest_not_accepted"],
    ] as const) {
      const browser = new Browser();
      const callback = await consent(browser, await press(product, browser, link), tenant, user);
      const page = await browser.follow(await browser.request(callback), isSetupPage);
      expect(await (await browser.request(page)).text()).toMatch(new RegExp(`${code}|consent_`));
      expect(await linkView(product, org, id)).toMatchObject({ status: "open" });
    }
  });
});

it("another directory than the connected one is refused at the proof, unless the link said so", async () => {
  const { org } = await connectedOrganization();
  const { link, id } = await makeLink(product, { org });
  const { proofId, page, browser } = await prove(product, link, product.addTenant());
  expect(await statusOf(proofId)).toMatchObject({ status: "refused", error_code: "another_directory" });
  expect((await browser.request(page)).status).toBe(409);
  expect(await linkView(product, org, id)).toMatchObject({ status: "open" });
  const more = await makeLink(product, { org, additional: true });
  const tenant = product.addTenant();
  const proved = await approve(product, more.link, tenant);
  const body = { entra_tenant_id: tenant.id, proof_id: proved.proofId };
  expect((await portal(product, org, `/${more.id}/confirm`, { body })).status).toBe(202);
});

/** An organization with a connection. */
async function connectedOrganization(): Promise<{ org: string }> {
  await product.startWorker();
  const { org } = await connect(product, product.addTenant());
  await product.stopWorkers();
  return { org };
}
