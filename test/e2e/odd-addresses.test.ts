import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newOrg, operatorToken, type Product, startProduct } from "../support/product.ts";

let product: Product;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.stop());

const org = newOrg();

describe("the page of a refusal at an address that nobody gave out", () => {
  it.each(["%16", "%C3%A9", "%E2%82%AC", "%2F..%2F", "%25", "a%20b", "%E0%A4%A"])("%s", async (id) => {
    const answer = await fetch(`${product.origin}/v1/sso/connections/${id}/callback?code=x&state=y`, {
      redirect: "manual",
    });
    const location = new URL(answer.headers.get("location") ?? "");
    expect([answer.status, location.pathname]).toEqual([303, `/v1/sso/connections/${id}/refused`]);
    const page = await fetch(location);
    expect(page.headers.get("content-type")).toContain("text/html");
    const [body = ""] = (location.searchParams.get("about") ?? "").split(".");
    const { r: reference } = JSON.parse(Buffer.from(body, "base64url").toString()) as { r: string };
    expect(await page.text()).toContain(`Request: ${reference}`);
  });
});

// PostgreSQL stores no U+0000; what may hold one must be refused before a statement does.
describe("a character that no database takes", () => {
  const operator = { authorization: `Bearer ${operatorToken}` };
  const nul = "%00";
  it.each<[string, string, object | undefined]>([
    ["GET", `/v1/session/orgs/ORG/sso-connections?after=${nul}`, undefined],
    ["GET", `/v1/session/orgs/ORG/sso-connections/${nul}`, undefined],
    ["GET", `/v1/session/orgs/ORG/ms-provision/${nul}`, undefined],
    ["GET", `/v1/session/orgs/ORG/audit?after=${nul}`, undefined],
    ["GET", `/v1/admin/ms-provisions?after=${nul}`, undefined],
    ["GET", `/v1/admin/ms-provisions?organization_id=${nul}`, undefined],
    ["GET", `/v1/admin/ms-provisions/${nul}`, undefined],
    ["GET", `/v1/audit?organization_id=${nul}`, undefined],
    ["GET", `/v1/events?organization_id=${nul}`, undefined],
    ["GET", `/v1/webhooks/${nul}/deliveries`, undefined],
    ["DELETE", `/v1/webhooks/${nul}`, undefined],
    ["POST", `/v1/webhooks/${nul}/test`, undefined],
    ["POST", `/v1/webhooks/${nul}/rotate`, undefined],
    ["POST", `/v1/webhooks/${nul}/replay`, { from: "2026-11-28T00:00:00Z" }],
    ["GET", `/v1/sso/connections/${nul}/initiate`, undefined],
    ["GET", `/v1/sso/connections/${nul}/launch`, undefined],
    [
      "GET",
      `/v1/sso/connections/sso_${"0".repeat(32)}/initiate?organization_id=${nul}&domain_hint=${nul}`,
      undefined,
    ],
    ["GET", `/v1/sso/microsoft/provisions/${nul}`, undefined],
    ["GET", `/v1/sso/microsoft/consent/callback?state=${nul}&tenant=${nul}&code=${nul}`, undefined],
    [
      "GET",
      `/v1/auth/authorize?client_id=${nul}&organization_id=${nul}&domain_hint=${nul}&connection=${nul}`,
      undefined,
    ],
  ])("%s %s", async (method, path, body) => {
    const isSession = path.includes("/orgs/");
    const answer = await fetch(product.origin + path.replace("ORG", org), {
      method,
      redirect: "manual",
      headers: isSession ? { authorization: `Bearer ${await product.session(org)}` } : operator,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    expect(answer.status).toBeLessThan(500);
  });
});
