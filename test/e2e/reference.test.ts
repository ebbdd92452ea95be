import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadApiConfig } from "../../src/config/load-config.ts";
import { wireApi } from "../../src/processes/wire-api.ts";
import type { OpenApiDocument } from "../../src/api/contract/openapi-document.ts";
import { type Product, startProduct } from "../support/product.ts";

let product: Product;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.stop());

describe("the API reference", () => {
  it("is read by tools of others, from any page and without a session", async () => {
    const answer = await fetch(`${product.origin}/openapi.json`, {
      headers: { origin: "https://tool.example" },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    const document = (await answer.json()) as { servers: object[]; paths: Record<string, object> };
    expect(document.servers).toEqual([{ url: product.origin }]);
    expect(Object.keys(document.paths)).toContain("/v1/session/orgs/{orgId}/ms-provision/start");
  });

  it.each(["all", "sso", "management"])(
    "is a page with its style, of a process in the role %s",
    async (role) => {
      const api = wireApi(loadApiConfig({ ...product.environment, AUTHIO_ROLE: role }), product.log);
      const page = await api.app.request("/docs");
      expect(page.status).toBe(200);
      expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
      const text = await page.text();
      expect(text).toContain("/v1/sso/connections/{connectionId}/initiate");
      const style = /href="(\/[^"]+style\.css)"/.exec(text)?.[1] ?? "";
      expect((await api.app.request(style)).status).toBe(200);
      await api.close();
    },
  );

  it("has each method of each address: another one is a 405 that names them", async () => {
    const { paths } = (await (await fetch(`${product.origin}/openapi.json`)).json()) as OpenApiDocument;
    for (const [path, item] of Object.entries(paths))
      for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"]) {
        if (method.toLowerCase() in item) continue;
        const answer = await fetch(product.origin + path.replaceAll(/\{\w+\}/g, "x"), { method });
        const problem = (await answer.json()) as { code: string };
        expect([answer.status, problem.code], `${method} ${path}`).toEqual([405, "method_not_allowed"]);
        const allowed = answer.headers.get("allow")?.split(", ") ?? [];
        for (const one of allowed) if (one !== "HEAD") expect(item).toHaveProperty(one.toLowerCase());
        expect(allowed.includes("HEAD")).toBe("get" in item);
      }
  });

  it("has nothing of a role that a process does not serve, and says 404 there", async () => {
    const api = wireApi(loadApiConfig({ ...product.environment, AUTHIO_ROLE: "sso" }), product.log);
    expect((await api.app.request("/v1/events", { method: "POST" })).status).toBe(404);
    expect((await api.app.request("/v1/auth/token")).status).toBe(405);
    await api.close();
  });
});
