import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { wireApi } from "../../src/processes/wire-api.ts";
import { loadApiConfig } from "../../src/config/load-config.ts";
import { newOrg, type Product, startProduct } from "../support/product.ts";
import { linkView, makeLink, portal } from "../support/setup-links.ts";

// Who may make, see and revoke setup links, and what a link may say.

let product: Product;
beforeAll(async () => {
  product = await startProduct({ AUTHIO_MS_SETUP_LINKS: "1" });
});
afterAll(() => product.stop());

describe("making a link", () => {
  const valid = { intent: "sso" };
  it.each<[string, object, number, string]>([
    ["another intent", { intent: "scim" }, 400, "invalid_request"],
    ["no intent", { intent: undefined }, 400, "invalid_request"],
    ["a field that is not known", { send_email: true }, 400, "invalid_request"],
    ["a binding", { binding: "cookie" }, 400, "invalid_request"],
    ["more than seven days", { expires_in_minutes: 10_081 }, 400, "invalid_request"],
    ["less than five minutes", { expires_in_minutes: 4 }, 400, "invalid_request"],
    ["half a minute", { expires_in_minutes: 5.5 }, 400, "invalid_request"],
    ["a time that is text", { expires_in_minutes: "60" }, 400, "invalid_request"],
    ["no domain as domain", { domain: "contoso" }, 400, "invalid_request"],
    ["an address with a name", { it_contact_emails: ["Ada <ada@contoso.example>"] }, 400, "invalid_request"],
    ["eleven addresses", { it_contact_emails: Array(11).fill("a@b.example") }, 400, "invalid_request"],
    ["one address as text", { it_contact_emails: "a@b.example" }, 400, "invalid_request"],
    ["two wishes", { connection: "sso_1", additional: true }, 400, "invalid_request"],
    ["a connection that is not there", { connection: `sso_${"0".repeat(32)}` }, 404, "not_found"],
    ["a return URL elsewhere", { return_url: "https://evil.example/" }, 422, "return_to_not_allowed"],
    ["a success URL elsewhere", { success_url: "https://evil.example/" }, 422, "return_to_not_allowed"],
    ["a script as success URL", { success_url: "javascript:alert(1)" }, 422, "return_to_not_allowed"],
    ["another organization", { organization_id: "org_other" }, 404, "organization_not_found"],
    ["no organization", { organization_id: undefined }, 400, "invalid_request"],
  ])("with %s is refused", async (_name, fields, status, code) => {
    const org = newOrg();
    const body = { organization_id: org, ...valid, ...fields };
    expect(await portal(product, org, "", { body })).toMatchObject({ status, body: { code } });
    expect((await portal(product, org, "")).body).toMatchObject({ data: [] });
  });

  it.each<[string, Parameters<typeof portal>[3], number, string]>([
    ["a member", { role: "member" }, 403, "insufficient_role"],
    ["an impersonated session", { claims: { is_impersonation: true } }, 403, "impersonation_not_allowed"],
    ["a session without organization", { claims: { act_org: "" } }, 404, "organization_not_found"],
    ["a widget", { claims: { kind: "widget" } }, 403, "widget_token_not_allowed_here"],
    ["another project", { claims: { project_id: "proj_x" } }, 401, "no_session"],
  ])("is not for %s", async (_name, caller, status, code) => {
    const org = newOrg();
    const body = { organization_id: org, ...valid };
    expect(await portal(product, org, "", { ...caller, body })).toMatchObject({ status, body: { code } });
  });

  it("has an end of seven days at most, and twenty open ones at a time", async () => {
    const org = newOrg();
    const { expires_at: end } = await makeLink(product, { org });
    const days = (Date.parse(end) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(6.99);
    expect(days).toBeLessThanOrEqual(7);
    const soon = await makeLink(product, { org, expires_in_minutes: 5 });
    expect(Date.parse(soon.expires_at) - Date.now()).toBeLessThanOrEqual(5 * 60_000);
    for (let made = 2; made < 20; made += 1) await makeLink(product, { org });
    const body = { organization_id: org, ...valid };
    expect((await portal(product, org, "", { body })).body["code"]).toBe("too_many_setup_links");
    await portal(product, org, `/${soon.id}`, { method: "DELETE" });
    await makeLink(product, { org });
    await expect(
      product.sql`update setup_links set expires_at = now() + interval '8 days' where org_id = ${org}`,
    ).rejects.toThrow(/setup_link_lifetime/);
  });

  it("is not possible where it was not switched on, nor is anything else of it", async () => {
    const { id, org, link } = await makeLink(product);
    const off = wireApi(loadApiConfig({ ...product.environment, AUTHIO_MS_SETUP_LINKS: "" }), product.log);
    product.answerWith(off);
    try {
      const body = { organization_id: org, ...valid };
      for (const [path, options] of [
        ["", { body }],
        ["", {}],
        [`/${id}`, {}],
        [`/${id}`, { method: "DELETE" }],
      ] as const)
        expect(await portal(product, org, path, options)).toMatchObject({
          status: 404,
          body: { code: "setup_links_off" },
        });
      expect((await fetch(link)).status).toBe(404);
    } finally {
      product.answerWith(product.api);
      await off.close();
    }
  });
});

describe("another organization's link", () => {
  it.each([
    ["see", "", {}],
    ["revoke", "", { method: "DELETE" }],
    [
      "confirm",
      "/confirm",
      {
        body: { entra_tenant_id: "c0ffee00-1111-4222-8333-444455556666", proof_id: `mspr_${"0".repeat(32)}` },
      },
    ],
  ])("is not there to %s", async (_name, path, options) => {
    const { id, org } = await makeLink(product);
    expect((await portal(product, newOrg(), `/${id}${path}`, options)).body["code"]).toBe("not_found");
    expect((await portal(product, newOrg(), "")).body).toMatchObject({ data: [] });
    expect(await linkView(product, org, id)).toMatchObject({ status: "open" });
  });
});

describe("the list", () => {
  it("has pages, newest first, and never the link itself", async () => {
    const org = newOrg();
    const ids: string[] = [];
    for (let made = 0; made < 3; made += 1) ids.unshift((await makeLink(product, { org })).id);
    const first = (await portal(product, org, "?limit=2")).body;
    const after = (first["list_metadata"] as { after: string }).after;
    const second = (await portal(product, org, `?limit=2&after=${after}`)).body;
    const idsOf = (page: Record<string, unknown>) => (page["data"] as { id: string }[]).map(({ id }) => id);
    expect([...idsOf(first), ...idsOf(second)]).toEqual(ids);
    expect(second["list_metadata"]).toEqual({ after: null });
    expect(JSON.stringify([first, second])).not.toMatch(/token/);
    for (const cursor of ["x", `msl_${"0".repeat(32)}`])
      expect((await portal(product, org, `?after=${cursor}`)).status).toBe(400);
  });
});
