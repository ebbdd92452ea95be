import { createHash } from "node:crypto";
import http from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { wireApi } from "../../src/processes/wire-api.ts";
import { loadApiConfig } from "../../src/config/load-config.ts";
import { newOrg, operatorToken, type Product, startProduct } from "../support/product.ts";

let product: Product;
const org = newOrg();
const path = `/v1/session/orgs/${org}/ms-provision`;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.stop());

/** Headers as they are given, also twice. */
function ask(url: string, headers: readonly [string, string][]): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port, pathname } = new URL(url);
    const call = http.request({
      hostname,
      port,
      path: pathname,
      headers: [["host", `localhost:${port}`], ...headers].flat(),
    });
    call.once("error", reject).once("response", (answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
      answer.once("end", () => resolve({ status: answer.statusCode ?? 0, body }));
    });
    call.end();
  });
}

describe("the session cookie", () => {
  const cookies = async (...headers: string[]) =>
    ask(
      product.origin + path,
      headers.map((value) => ["cookie", value]),
    );

  it("is taken under its own name, and under __Host- first", async () => {
    const mine = await product.session(org);
    const foreign = await product.session(newOrg());
    expect((await cookies(`authio_session=${mine}`)).status).toBe(200);
    expect((await cookies(`a=1; __Host-authio_session=${mine}`)).status).toBe(200);
    // A sibling host plants the plain one for the whole domain.
    expect((await cookies(`authio_session=${foreign}; __Host-authio_session=${mine}`)).status).toBe(200);
    expect((await cookies(`__Host-authio_session=${mine}; authio_session=x; authio_session=y`)).status).toBe(
      200,
    );
    expect((await cookies(`__Host-authio_session=x; authio_session=${mine}`)).status).toBe(401);
    expect((await cookies(`__host-authio_session=${mine}`)).status).toBe(401);
  });

  it("is refused where there are two of one name, in one header or in two", async () => {
    const mine = await product.session(org);
    const foreign = await product.session(org, "owner", { sub: "mallory" });
    for (const name of ["authio_session", "__Host-authio_session"])
      for (const headers of [
        [`${name}=${mine}; ${name}=${foreign}`],
        [`${name}=${foreign}; ${name}=${mine}`],
        [`${name}=${mine}; ${name}=${mine}`],
        [`${name}=${mine}`, `${name}=${foreign}`],
      ]) {
        const { status, body } = await cookies(...headers);
        expect(status).toBe(401);
        expect(JSON.parse(body)).toMatchObject({
          code: "no_session",
          errors: [{ path: `cookie ${name}`, reason: expect.stringContaining("more than once") as string }],
        });
      }
  });

  it("a call with two authorizations, or one that names two, is refused", async () => {
    const mine = `Bearer ${await product.session(org)}`;
    const url = product.origin + path;
    expect((await ask(url, [["authorization", mine]])).status).toBe(200);
    for (const headers of [
      [mine, mine],
      [mine, "Bearer x"],
      [`${mine}, ${mine}`],
      [`${mine},x`],
      [`${mine} x`],
      ["Bearer"],
      ["Bearer "],
    ])
      expect(
        (
          await ask(
            url,
            headers.map((value) => ["authorization", value]),
          )
        ).status,
      ).toBe(401);
  });
});

describe("the operators' API", () => {
  const list = "/v1/admin/ms-provisions";
  const digest = (token: string) => createHash("sha256").update(token).digest();

  it("refuses missing and short tokens whatever digests are configured", async () => {
    const short = "Zk3-91xQ_aa8vT2pLm0rW";
    const config = {
      ...loadApiConfig(product.environment),
      operatorTokens: ["", short, `${short}!`].map((token) => ({ name: "tess", sha256: digest(token) })),
    };
    const api = wireApi(config, product.log);
    const ask = async (authorization?: string) =>
      (await api.app.request(list, { headers: authorization === undefined ? {} : { authorization } })).status;
    for (const authorization of [
      undefined,
      "",
      "Bearer",
      "Bearer ",
      "Basic Og==",
      `Bearer ${short}`,
      `bearer ${short}`,
    ])
      expect(await ask(authorization)).toBe(401);
    expect(await ask(`Bearer ${short}!`)).toBe(200);
    await api.close();
  });

  it("refuses two tokens at once, and does not start with the digest of nothing", async () => {
    const mine = `Bearer ${operatorToken}`;
    expect((await ask(product.origin + list, [["authorization", mine]])).status).toBe(200);
    for (const values of [[mine, mine], [`${mine}, ${mine}`], [`${mine},`]])
      expect(
        (
          await ask(
            product.origin + list,
            values.map((value) => ["authorization", value]),
          )
        ).status,
      ).toBe(401);
    const empty = digest("").toString("hex");
    expect(() => loadApiConfig({ ...product.environment, AUTHIO_OPERATOR_TOKENS: `tess:${empty}` })).toThrow(
      "openssl rand",
    );
  });
});
