import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  connect,
  eventually,
  liveApplications,
  newOrg,
  operatorToken,
  type Product,
  startProduct,
} from "../support/product.ts";

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  await product.startWorker();
});
afterAll(() => product.stop());

const orgPath = (org: string) => `${product.origin}/v1/session/orgs/${encodeURIComponent(org)}`;
const bearer = (token: string) => ({ authorization: `Bearer ${token}`, origin: product.origin });

describe("what a session holds for display", () => {
  it.each([
    ["null", null, null],
    ["nothing", undefined, null],
    ["a number", 7, null],
    ["an object", { en: "Acme" }, null],
    ["nothing printable", "\u0000\u200b\ud800", null],
    ["300 characters", "x".repeat(300), "x".repeat(256)],
    ["U+0000 and an escape", "Ac\u0000me\u001b[2J", "Acme[2J"],
    ["half a surrogate pair", "Acme\ud83d", "Acme"],
    ["line ends", "Acme\r\nLtd", "Acme Ltd"],
    ["a change of direction", "Acme\u202egnp.exe", "Acmegnp.exe"],
  ])("never refuses it: %s as names", async (_what, name, kept) => {
    const org = newOrg();
    const token = await product.session(org, "owner", { org_name: name, name });
    const answer = await fetch(`${orgPath(org)}/ms-provision/start`, {
      method: "POST",
      headers: bearer(token),
    });
    expect(answer.status).toBe(201);
    const rows = await product.sql`select org_name from ms_provision_requests where org_id = ${org}`;
    expect(rows).toEqual([{ org_name: kept }]);
  });
});

describe("ids of the platform", () => {
  it.each([
    "auth0|org_12",
    "a/b c:d.e",
    "%2F..%00",
    "組織 α",
    "[x](http://evil.example) <b>",
    "'; drop table x --",
    "x".repeat(255),
    "𝔘".repeat(255),
  ])("the whole click (%#)", async (org) => {
    const tenant = product.addTenant();
    const { end, id } = await connect(product, tenant, { org });
    expect(end.searchParams.get("ok")).toBe("microsoft_connected");
    const answer = await fetch(`${orgPath(org)}/sso-connections`, {
      headers: bearer(await product.session(org, "member")),
    });
    expect(await answer.json()).toMatchObject({ data: [{ organization_id: org, status: "active" }] });
    const status = await fetch(`${orgPath(org)}/ms-provision/${id}`, {
      headers: bearer(await product.session(org)),
    });
    expect(await status.json()).toMatchObject({ status: "succeeded" });

    const admin = new URL("/v1/admin/ms-provisions", product.origin);
    admin.searchParams.set("organization_id", org);
    const listed = await fetch(admin, { headers: bearer(operatorToken) });
    expect(await listed.json()).toMatchObject({ data: [{ id, organization_id: org }] });

    const [application] = liveApplications(tenant);
    const notes = String(application?.properties["notes"]);
    expect(notes).toContain(`Organization ${org},`);
    expect(notes.length).toBeLessThanOrEqual(1024);
    const found = await product.temporal.workflow.getHandle(`ms-provision-${id}`).describe();
    expect(found.searchAttributes["AuthioOrganization"]).toEqual([org]);
    expect(await found.staticSummary()).toMatch(/^Connect Microsoft for [^[\]<>]{1,80}$/);
    await eventually(async () => {
      const listed = product.temporal.workflow.list({ query: `WorkflowId = "ms-provision-${id}"` });
      for await (const run of listed) return run.searchAttributes["AuthioOrganization"]?.[0] === org;
      return false;
    });
  });

  it("people's ids are as opaque as those of organizations", async () => {
    const org = newOrg();
    const token = await product.session(org, "owner", { sub: "auth0|5f 7/ü" });
    const answer = await fetch(`${orgPath(org)}/ms-provision/start`, {
      method: "POST",
      headers: bearer(token),
    });
    expect(answer.status).toBe(201);
    const events = await product.sql`select actor from audit_events where org_id = ${org}`;
    expect(events).toEqual([{ actor: "user:auth0|5f 7/ü" }]);
  });

  it.each(["", "x".repeat(256), "a\u0000b", "a\nb", "\ud800", "a\u202eb"])(
    "anything else is none, never 500 (%#)",
    async (id) => {
      for (const [claims, status] of [
        [{ act_org: id }, 404],
        [{ project_id: id }, 401],
        [{ sub: id }, 401],
      ] as const) {
        const org = newOrg();
        const answer = await fetch(`${orgPath(org)}/ms-provision`, {
          headers: bearer(await product.session(org, "owner", claims)),
        });
        expect(answer.status).toBe(status);
      }
    },
  );
});
