import { decodeJwt } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Browser } from "../../src/embedded/browser.ts";
import {
  applicationsFile,
  challengeOf,
  foreign,
  hosting,
  newSecret,
  nextOf,
} from "../support/applications.ts";
import { createHandOffDriver, type HandOffDriver, type Query } from "../support/hand-off.ts";
import { newOrg, operatorToken, type Product, startProduct } from "../support/product.ts";
import { chooseUser } from "../support/sign-in.ts";

// Codes and connections that are not, or no longer, what the exchange needs.

const file = applicationsFile();
let product: Product;
let fabrikam: HandOffDriver["fabrikam"];
let initiateUrl: HandOffDriver["initiateUrl"];
let exchange: HandOffDriver["exchange"];
let codeOf: HandOffDriver["codeOf"];
beforeAll(async () => {
  product = await startProduct({ AUTHIO_APPLICATIONS_FILE: file.file });
  await product.startWorker();
  ({ fabrikam, initiateUrl, exchange, codeOf } = await createHandOffDriver(product));
});
afterAll(async () => {
  await product.stop();
  file.remove();
});

describe("an exchange gives nothing", () => {
  it.each<[string, Query, Record<string, unknown>, [number, string]]>([
    ["without secret or verifier", {}, { client_secret: undefined }, [401, "invalid_client"]],
    [
      "with neither client nor secret",
      {},
      { client_id: undefined, client_secret: undefined },
      [401, "invalid_client"],
    ],
    ["with a wrong secret", {}, { client_secret: newSecret() }, [401, "invalid_client"]],
    [
      "to another application",
      {},
      { client_id: hosting.clientId, client_secret: hosting.secret },
      [400, "invalid_grant"],
    ],
    [
      "to another project's",
      {},
      { client_id: foreign.clientId, client_secret: foreign.secret },
      [400, "invalid_grant"],
    ],
    ["with a verifier where no challenge was", {}, { code_verifier: newSecret() }, [400, "invalid_grant"]],
    [
      "without the verifier of its challenge",
      { code_challenge: challengeOf(newSecret()) },
      {},
      [400, "invalid_grant"],
    ],
    [
      "for a verifier that is none",
      { code_challenge: challengeOf(newSecret()) },
      { code_verifier: "wrong" },
      [400, "invalid_grant"],
    ],
    ["with an empty secret", {}, { client_secret: "" }, [401, "invalid_client"]],
    ["for another nonce", {}, { client_state_nonce: newSecret() }, [400, "invalid_grant"]],
    [
      "for another redirect URI",
      {},
      { redirect_uri: "http://localhost:9/notes/other" },
      [400, "invalid_grant"],
    ],
    ["for another organization", {}, { organization_id: newOrg() }, [400, "invalid_grant"]],
    ["for another connection", {}, { connection_id: "sso_0" }, [400, "invalid_grant"]],
  ])("%s, and the code is spent", async (_name, query, body, expected) => {
    const code = await codeOf(query);
    const refused = await exchange(code, body);
    expect([refused.status, refused.body["code"]]).toEqual(expected);
    expect((await exchange(code)).status).toBe(400);
  });

  it("for a code that is over, unknown or no code at all", async () => {
    const code = await codeOf();
    await product.sql`update signin_codes set expires_at = now() - interval '1 second' where spent_at is null`;
    for (const given of [code, newSecret(), "x"])
      expect((await exchange(given)).body["code"]).toBe("invalid_grant");
  });

  it("for a malformed call, with each field that is wrong", async () => {
    const { status, body } = await exchange(null, { redirect_uri: 7, extra: true });
    expect(status).toBe(400);
    expect((body["errors"] as { path: string }[]).map(({ path }) => path).toSorted()).toEqual([
      "code",
      "extra",
      "redirect_uri",
    ]);
    const form = await fetch(`${product.origin}/v1/auth/session-handoff/exchange`, {
      method: "POST",
      body: new URLSearchParams({ code: "x" }),
    });
    expect(form.status).toBe(400);
  });

  it("to a page of a foreign origin; the application's own may call", async () => {
    const own = await fetch(`${product.origin}/v1/auth/session-handoff/exchange`, {
      method: "OPTIONS",
      headers: { origin: "http://localhost:9", "access-control-request-method": "POST" },
    });
    expect(own.headers.get("access-control-allow-origin")).toBe("http://localhost:9");
    expect(own.headers.get("access-control-allow-credentials")).toBeNull();
    expect((await exchange(await codeOf(), {}, { origin: "https://evil.example" })).status).toBe(400);
    expect((await exchange(await codeOf(), {}, { origin: "http://localhost:9" })).status).toBe(200);
  });
});

describe("a connection that is suspended meanwhile", () => {
  const patch = async (status: string): Promise<void> => {
    const path = `/v1/session/orgs/${fabrikam.org}/sso-connections/${fabrikam.connection}`;
    const answer = await fetch(product.origin + path, {
      method: "PATCH",
      headers: { authorization: `Bearer ${await product.session(fabrikam.org, "admin")}` },
      body: JSON.stringify({ status }),
    });
    expect([answer.status, await answer.json()]).toMatchObject([200, { status }]);
  };
  const suspend = () => patch("suspended");
  const resume = () => patch("active");
  afterEach(resume);

  it.each(["suspended", "suspended and resumed"])("%s before the answer", async (what) => {
    const browser = new Browser();
    const microsoft = await nextOf(browser, initiateUrl({}, fabrikam));
    const callback = await chooseUser(browser, fabrikam.tenant, microsoft);
    await suspend();
    if (what !== "suspended") await resume();
    const end = new URL(await nextOf(browser, callback));
    expect([end.searchParams.get("error"), end.searchParams.get("code")]).toEqual(["access_denied", null]);
  });

  it.each(["suspended", "suspended and resumed"])("%s before the exchange", async (what) => {
    const code = await codeOf({}, { at: fabrikam });
    await suspend();
    if (what !== "suspended") await resume();
    expect((await exchange(code)).body["code"]).toBe("invalid_grant");
  });

  it("tells of every session whose token may still be good, once, and of no other", async () => {
    const exchanged = await exchange(await codeOf({}, { at: fabrikam }));
    const { sid } = decodeJwt(exchanged.body["access_token"] as string);
    const unused = await codeOf({}, { at: fabrikam });
    const over = await exchange(await codeOf({}, { at: fabrikam }));
    const { sid: old } = decodeJwt(over.body["access_token"] as string);
    await product.sql`update signin_codes set spent_at = now() - interval '17 minutes', expires_at = now() where sid = ${old as string}`;
    const elsewhere = await exchange(await codeOf());
    expect(elsewhere.status).toBe(200);
    await suspend();
    await suspend();
    const query = new URLSearchParams({ event: "session.revoked", organization_id: fabrikam.org });
    const answer = await fetch(`${product.origin}/v1/events?${query.toString()}`, {
      headers: { authorization: `Bearer ${operatorToken}` },
    });
    const { data } = (await answer.json()) as { data: { data: Record<string, unknown> }[] };
    const told = data
      .map(({ data: about }) => about)
      .filter(({ target_id: id }) => [sid, old].includes(id as string));
    expect(told).toMatchObject([
      {
        organization_id: fabrikam.org,
        target_type: "session",
        target_id: sid,
        metadata: { reason: "suspended", connection_id: fabrikam.connection },
      },
    ]);
    expect(JSON.stringify(data)).not.toContain(unused);
  });

  it("begins no sign-in, and says whom to ask", async () => {
    await suspend();
    const answer = await new Browser().request(initiateUrl({}, fabrikam));
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain("Ask an owner or admin of your organization");
  });
});
