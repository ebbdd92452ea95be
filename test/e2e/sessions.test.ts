import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newOrg, type Product, startProduct, testProject } from "../support/product.ts";

// What a dashboard session must say to look at an organization's connections, and to start.

let product: Product;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.stop());

const startUrl = (org: string) => `${product.origin}/v1/session/orgs/${org}/ms-provision/start`;

describe("claims", () => {
  const gone = { project_id: undefined };
  it.each<[string, Record<string, unknown>, [read: string, start: string]]>([
    ["an owner", {}, ["ok", "ok"]],
    ["an admin", { act_role: "admin" }, ["ok", "ok"]],
    ["no project", gone, ["no_session", "no_session"]],
    ["another project", { project_id: "proj_other" }, ["no_session", "no_session"]],
    ["a list of projects", { project_id: [testProject] }, ["no_session", "no_session"]],
    ["a widget of another project", { ...gone, kind: "widget" }, ["no_session", "no_session"]],
    ["a widget", { kind: "widget" }, ["widget_token_not_allowed_here", "widget_token_not_allowed_here"]],
    ["a machine", { token_type: "m2m" }, ["machine_token_not_allowed", "machine_token_not_allowed"]],
    [
      "a machine without a person",
      { token_type: "m2m", sub: null },
      ["machine_token_not_allowed", "machine_token_not_allowed"],
    ],
    ["a token for applications", { kind: "sso" }, ["no_session", "no_session"]],
    ["nobody", { sub: null }, ["no_session", "no_session"]],
    ["an impersonated owner", { is_impersonation: true }, ["ok", "impersonation_not_allowed"]],
    ["one impersonated in text", { is_impersonation: "true" }, ["ok", "impersonation_not_allowed"]],
    ["no organization", { act_org: undefined }, ["organization_not_found", "organization_not_found"]],
    ["an empty organization", { act_org: "" }, ["organization_not_found", "organization_not_found"]],
    [
      "a claim that any project can add",
      { act_org: undefined, org_id: "same", role: "owner" },
      ["organization_not_found", "organization_not_found"],
    ],
    ["a role that any project can add", { act_role: "member", role: "owner" }, ["ok", "insufficient_role"]],
    ["roles beside the one", { act_role: "viewer", roles: ["owner"] }, ["ok", "insufficient_role"]],
    ["a role of the project's own", { act_role: "billing" }, ["ok", "insufficient_role"]],
    ["no role", { act_role: undefined }, ["ok", "insufficient_role"]],
    ["odd display claims", { org_name: null, name: "\u0000".repeat(300) }, ["ok", "ok"]],
  ])("of a session: %s", async (_name, claims, expected) => {
    const mine = newOrg();
    const given = claims["org_id"] === "same" ? { ...claims, org_id: mine } : claims;
    const headers = {
      authorization: `Bearer ${await product.session(mine, "owner", given)}`,
      origin: product.origin,
    };
    const overview = await fetch(`${product.origin}/v1/session/orgs/${mine}/ms-provision`, { headers });
    const started = await fetch(startUrl(mine), { method: "POST", headers });
    const codes = [overview, started].map(async (answer) =>
      answer.ok ? "ok" : ((await answer.json()) as { code: string }).code,
    );
    expect(await Promise.all(codes)).toEqual(expected);
  });
});
