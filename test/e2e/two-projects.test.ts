import { afterAll, beforeAll, expect, it } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import { newOrg, type Product, start, startProduct, testProject } from "../support/product.ts";

// One service for two projects, each with an organization of the same id.

const other = "proj_other";
let product: Product;
beforeAll(async () => {
  product = await startProduct({ AUTHIO_PROJECT_ID: `${testProject},${other}` });
});
afterAll(() => product.stop());

it("an organization of another project neither sees, ends nor confirms what is under way", async () => {
  const org = newOrg();
  const { id } = await start(product, new Browser(), org);
  const call = async (method: string, path: string, project: string, body?: object) => {
    const answer = await fetch(`${product.origin}/v1/session/orgs/${org}/ms-provision${path}`, {
      method,
      headers: { authorization: `Bearer ${await product.session(org, "owner", { project_id: project })}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  expect((await call("GET", "", testProject)).body).toMatchObject({ open_requests: [{ id }] });
  expect((await call("GET", "", other)).body).not.toHaveProperty("open_requests");
  expect((await call("GET", `/${id}`, other)).status).toBe(404);
  expect((await call("POST", `/${id}/confirm`, other, { ms_confirm: "x" })).status).toBe(404);
  expect((await call("POST", `/${id}/cancel`, other)).status).toBe(404);
  expect((await call("POST", `/${id}/cancel`, testProject)).status).toBe(202);
});
