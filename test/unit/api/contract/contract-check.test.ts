import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { AppEnv } from "../../../../src/api/app-env.ts";
import { openApiDocument } from "../../../../src/api/contract/openapi-document.ts";
import { answer, describeRoute } from "../../../../src/api/contract/route.ts";
import { problem } from "../../../../src/api/problem.ts";
import { createContractCheck, sharedContractCheck } from "../../../support/api-contract.ts";

// What holds the suite's answers against the document must see what is wrong with one.

const thing = z.object({ id: z.string(), made_at: z.iso.datetime(), size: z.int().optional() });
const route = describeRoute({
  methods: ["get"],
  path: "/things/{id}",
  servedBy: "management",
  operationId: "getThing",
  tag: "Service",
  summary: "A thing",
  caller: "member",
  parameters: z.object({ id: z.string() }),
  query: z.object({}),
  answers: {
    200: { description: "It.", schema: thing },
    303: { description: "Elsewhere.", headers: { Location: "Where." } },
  },
  refusals: ["not_found", "too_many_open_requests"],
  refusesBy: { kind: "problem" },
});
const documentAt = (ssoOrigin: string, managementOrigin: string, described = route) =>
  openApiDocument([described], { ssoOrigin, managementOrigin, sessionCookie: "authio_session" });
const check = createContractCheck(documentAt("https://sso.example.com", "https://api.example.com"));

const at = (path: string, origin = "https://api.example.com"): URL => new URL(path, origin);
const good = { id: "a", made_at: "2026-11-28T12:00:00.000Z" };
const id = { "x-request-id": `req_${"0".repeat(32)}` };
const json = (body: object, status = 200): Response => Response.json(body, { status, headers: id });

async function refusal(
  code: Parameters<typeof problem>[1],
  retryAfterMs?: number,
  spoil: object = {},
): Promise<Response> {
  const app = new Hono<AppEnv>();
  app.get("/", (c) => {
    c.set("requestId", id["x-request-id"]);
    return problem(c, code, retryAfterMs);
  });
  const said = await app.request("/");
  const headers = new Headers(said.headers);
  headers.set("x-request-id", id["x-request-id"]);
  return new Response(JSON.stringify({ ...((await said.json()) as object), ...spoil }), {
    status: said.status,
    headers,
  });
}

describe("the check of answers", () => {
  it.each([
    ["what is described", async () => json(good)],
    ["what may be there", async () => json({ ...good, size: 3 })],
    ["a redirect", async () => new Response(null, { status: 303, headers: { ...id, location: "/x" } })],
    ["a refusal with its code", async () => refusal("not_found")],
    ["a 400 with what is wrong", async () => refusal("invalid_request")],
    ["a refusal that passes, with the time", async () => refusal("too_many_open_requests", 1500)],
  ])("lets through %s", async (_, made) => {
    expect(await check("GET", at("/things/a%2Fb"), await made())).toBeUndefined();
  });

  it.each([
    ["another status", async () => json(good, 201), "status 201 is not described"],
    ["a missing field", async () => json({ id: "a" }), "must have required property 'made_at'"],
    ["a field that nobody described", async () => json({ ...good, secret: "s" }), "must NOT have additional"],
    ["a field of another type", async () => json({ ...good, size: "3" }), "body/size must be integer"],
    ["a time of another form", async () => json({ ...good, made_at: "today" }), "body/made_at must match"],
    [
      "another media type",
      async () => new Response("<p>", { headers: { ...id, "content-type": "text/html" } }),
      "media type text/html",
    ],
    [
      "a redirect to nowhere",
      async () => new Response(null, { status: 303, headers: id }),
      "has no Location",
    ],
    [
      "a redirect with a body",
      async () => new Response("x", { status: 303, headers: { ...id, location: "/" } }),
      "has a body",
    ],
    ["an answer without its id", async () => Response.json(good), "has no X-Request-Id"],
    [
      "a code of another route",
      async () => refusal("not_found", undefined, { code: "not_failed" }),
      "body/code must be equal to one of",
    ],
    ["a code that nobody described", async () => refusal("already_final"), "status 409 is not described"],
    [
      "a problem with another status inside",
      async () => refusal("not_found", undefined, { status: 400 }),
      "body/status must be equal to constant",
    ],
    [
      "a 400 that does not say what is wrong",
      async () => refusal("invalid_request", undefined, { errors: undefined }),
      "must have required property 'errors'",
    ],
    [
      "a refusal that passes, without the time",
      async () => refusal("too_many_open_requests"),
      "has no Retry-After",
    ],
  ])("sees %s", async (_, made, said) => {
    expect(await check("GET", at("/things/a"), await made())).toContain(said);
  });

  it("knows what nobody described only as not found", async () => {
    expect(await check("GET", at("/elsewhere"), await refusal("not_found"))).toBeUndefined();
    expect(await check("POST", at("/things/a"), await refusal("not_found"))).toBeUndefined();
    expect(await check("GET", at("/elsewhere"), json(good))).toContain("described nowhere");
    expect(await check("POST", at("/things/a"), json(good))).toContain("described nowhere");
    const there = at("/things/a", "https://sso.example.com");
    expect(await check("GET", there, await refusal("not_found"))).toBeUndefined();
    expect(await check("GET", there, await refusal("already_final"))).toContain("status 409");
  });
});

describe("the check that products share", () => {
  const sharedAt = (...document: Parameters<typeof documentAt>) =>
    sharedContractCheck(JSON.stringify(documentAt(...document)));
  const there = ["http://localhost:1", "http://localhost:2"] as const;
  const elsewhere = ["http://localhost:3", "http://localhost:4"] as const;

  it("knows each product's own origins", async () => {
    for (const [sso, management] of [there, elsewhere]) {
      const shared = sharedAt(sso, management);
      expect(await shared("GET", at("/things/a", management), json(good))).toBeUndefined();
      expect(await shared("GET", at("/things/a", management), json({ id: "a" }))).toContain("made_at");
      // That is all there is to say where the path does not stand.
      expect(await shared("GET", at("/things/a", sso), await refusal("body_too_large"))).toBeUndefined();
      const here = await shared("GET", at("/things/a", management), await refusal("body_too_large"));
      expect(here).toContain("status 413");
    }
  });

  it("is another one where documents differ in more than that", async () => {
    const wider = { ...route, answers: { ...route.answers, 202: { description: "Soon." } } } as typeof route;
    const soon = (): Response => new Response(null, { status: 202, headers: id });
    expect(await sharedAt(...there)("GET", at("/things/a", there[1]), soon())).toContain("status 202");
    expect(await sharedAt(...elsewhere, wider)("GET", at("/things/a", elsewhere[1]), soon())).toBeUndefined();
  });
});

describe("answer", () => {
  it("takes the statuses and bodies of its route only", () => {
    const app = new Hono<AppEnv>();
    app.get("/", (c) => {
      // @ts-expect-error 202 is none of its statuses
      answer(c, route, 202, good);
      // @ts-expect-error a field is missing
      answer(c, route, 200, { id: "a" });
      return answer(c, route, 200, good);
    });
    expect(app.routes).toHaveLength(1);
  });
});
