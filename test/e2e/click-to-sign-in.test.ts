import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { leaks, plaintextAnywhere, textOf } from "../support/plaintext.ts";
import { connect, eventually, liveApplications, type Product, startProduct } from "../support/product.ts";

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  await product.startWorker();
});
afterAll(() => product.stop());

describe("one click", () => {
  it("makes a live connection and writes exactly this to Graph", async () => {
    const tenant = product.addTenant();
    const { end, id, org, browser } = await connect(product, tenant);
    expect(end.searchParams.get("tab")).toBe("sso");
    expect(end.searchParams.get("ok")).toBe("microsoft_connected");
    const connectionId = end.searchParams.get("connection");

    const writes = product.simulator.world.calls.filter(
      ({ tenantId, call }) => tenantId === tenant.id && /instantiate|patch|add|remove|delete/i.test(call),
    );
    expect(writes.map(({ call }) => call)).toEqual([
      "instantiate",
      "patchApplication",
      "patchServicePrincipal",
      "addPassword",
    ]);
    expect(writes[0]?.body).toEqual({ displayName: `Authio SSO ${id}.1` });
    expect(writes[1]?.body).toMatchObject({
      displayName: "Authio SSO – Test & Söhne",
      signInAudience: "AzureADMyOrg",
      web: {
        homePageUrl: `${product.origin}/v1/sso/connections/${connectionId}/launch`,
        redirectUris: [`${product.origin}/v1/sso/connections/${connectionId}/callback`],
        implicitGrantSettings: { enableIdTokenIssuance: false, enableAccessTokenIssuance: false },
      },
      groupMembershipClaims: "SecurityGroup",
      tags: ["authio-sso", `${id}.1`],
    });
    expect(writes[2]?.body).toEqual({ appRoleAssignmentRequired: false });
    const [application] = liveApplications(tenant);
    expect(application?.credentials).toHaveLength(1);
    expect(application?.credentials[0]?.displayName).toBe(`${id}.1.1`);
    // What has just been made need not be looked at; settling does, later on.
    await product.temporal.workflow.getHandle(`ms-provision-${id}`).result();
    expect(
      product.simulator.world.calls
        .filter(({ tenantId, call }) => tenantId === tenant.id && /^(get|list)/.test(call))
        .map(({ call }) => call),
    ).toEqual([]);

    const [row] = await product.sql`select * from sso_connections where id = ${connectionId}`;
    expect(row).toMatchObject({
      org_id: org,
      protocol: "oidc",
      provider: "entra",
      status: "active",
      managed_by: "microsoft_graph",
      entra_tenant_id: tenant.id,
      app_id: application?.appId,
    });

    const signIn = await browser.request(`${product.origin}/v1/sso/connections/${connectionId}/initiate`);
    const identity = await (await browser.followAll(signIn, { accept: "application/json" })).json();
    expect(identity).toMatchObject({
      connection_id: connectionId,
      organization_id: org,
      tid: tenant.id,
      oid: tenant.users[0]?.id,
      email_verified: true,
      groups_overage: false,
    });
  });

  it("tells its steps through the status endpoint and operators' search attributes", async () => {
    const { id, org } = await connect(product, product.addTenant());
    const answer = await fetch(`${product.origin}/v1/session/orgs/${org}/ms-provision/${id}`, {
      headers: { authorization: `Bearer ${await product.session(org)}` },
    });
    const status = (await answer.json()) as {
      status: string;
      steps: { name: string; state: string; attempts: number }[];
    };
    expect(status.status).toBe("succeeded");
    expect(status.steps.map(({ name, state, attempts }) => [name, state, attempts])).toEqual(
      [
        "instantiateApplication",
        "configureOidc",
        "addPassword",
        "sealSecret",
        "proveSecret",
        "upsertConnection",
      ].map((name) => [name, "done", 1]),
    );
    await eventually(async () => {
      const found = await product.temporal.workflow.getHandle(`ms-provision-${id}`).describe();
      return (
        found.status.name === "COMPLETED" && String(found.searchAttributes["AuthioOrganization"]) === org
      );
    });
  });

  it("keeps every plaintext secret out of tables, history and logs", async () => {
    const tenant = product.addTenant();
    const { id } = await connect(product, tenant);
    const history = await product.temporal.workflow.getHandle(`ms-provision-${id}`).fetchHistory();
    expect(leaks(product, { history: textOf(history) })).toEqual([]);
    expect(await plaintextAnywhere(product)).toEqual([]);
    const log = product.lines.join("\n");
    // The search itself must be able to find something.
    for (const text of [textOf(history), log]) expect(text).toContain(id);
    expect(log).not.toMatch(/[?&](state|code)=/);
  });
});
