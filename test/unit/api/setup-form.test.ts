import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { AppEnv } from "../../../src/api/app-env.ts";
import type { ApiDeps } from "../../../src/api/deps.ts";
import { readOwnForm } from "../../../src/api/setup/setup-form.ts";
import { CodedError } from "../../../src/domain/coded-error.ts";

const own = "https://sso.example.com";
const deps = { config: { ssoOrigin: own } as ApiDeps["config"] };
const app = new Hono<AppEnv>();
app.post("/", async (c) =>
  readOwnForm(c, deps, z.strictObject({ token: z.string() })).then(
    ({ token }) => c.text(token),
    (error: unknown) => c.text(error instanceof CodedError ? error.code : "thrown"),
  ),
);

async function post(headers: Record<string, string>, body = "token=t"): Promise<string> {
  const type = { "content-type": "application/x-www-form-urlencoded" };
  return (await app.request("/", { method: "POST", headers: { ...type, ...headers }, body })).text();
}
const sameOrigin = { "sec-fetch-site": "same-origin", origin: own };

describe("a form of our own page", () => {
  it.each([
    ["by both headers", sameOrigin],
    ["without a referrer", { "sec-fetch-site": "same-origin", origin: "null" }],
    ["of a browser that knows no Fetch Metadata", { origin: own }],
    ["in another spelling", { origin: "https://SSO.example.com.:443" }],
  ])("is taken %s", async (_name, headers) => {
    expect(await post(headers)).toBe("t");
  });

  it.each([
    ["from nowhere", {}],
    ["from another site", { "sec-fetch-site": "cross-site", origin: "https://evil.example" }],
    ["from a sibling host", { "sec-fetch-site": "same-site", origin: "https://app.example.com" }],
    ["from a sandbox", { "sec-fetch-site": "cross-site", origin: "null" }],
    ["from a sandbox of an old browser", { origin: "null" }],
    ["with an own origin and another site", { "sec-fetch-site": "cross-site", origin: own }],
    [
      "with another origin and an own site",
      { "sec-fetch-site": "same-origin", origin: "https://evil.example" },
    ],
    ["by a person's own doing", { "sec-fetch-site": "none" }],
    ["over http", { origin: "http://sso.example.com" }],
  ])("is refused %s", async (_name, headers) => {
    expect(await post(headers)).toBe("cross_site_refused");
  });

  it.each([
    ["JSON", { "content-type": "application/json" }, '{"token":"t"}'],
    ["plain text", { "content-type": "text/plain" }, "token=t"],
    ["two of one name", {}, "token=a&token=b"],
    ["a name that is not known", {}, "token=a&next=b"],
    ["nothing", {}, ""],
  ])("is not %s", async (_name, headers, body) => {
    expect(await post({ ...sameOrigin, ...headers }, body)).toBe("invalid_request");
  });

  it("is refused, and no failure of ours, where it breaks off", async () => {
    const body = new ReadableStream({ start: (controller) => controller.error(new Error("aborted")) });
    const headers = { ...sameOrigin, "content-type": "application/x-www-form-urlencoded" };
    const init = { method: "POST", headers, body, duplex: "half" } as RequestInit;
    expect(await (await app.request("/", init)).text()).toBe("invalid_request");
  });
});
