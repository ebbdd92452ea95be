import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import { cookieValues, sessionCookieValue } from "../../../src/api/cookies.ts";
import type { AppEnv } from "../../../src/api/app-env.ts";
import { CodedError } from "../../../src/domain/coded-error.ts";

const app = new Hono<AppEnv>();
app.get("/session", (c) => c.json(sessionCookieValue(c, "s") ?? null));
app.get("/values", (c) => c.json(cookieValues(c, "s")));
app.onError((error, c) => c.json(error instanceof CodedError ? [error.code, error.errors?.[0]?.path] : 0));
const ask = async (path: string, cookie?: string): Promise<unknown> =>
  (await app.request(path, cookie === undefined ? {} : { headers: { cookie } })).json();

describe("the session among the cookies", () => {
  it.each([
    [undefined, null],
    ["", null],
    ["other=1; ss=2; xs=3", null],
    ["s=a", "a"],
    ["s=", ""],
    ["a=1;s=a ;\tb=2", "a"],
    ['s="a"', "a"],
    ["s=a=b=c", "a=b=c"],
    ["S=a", null],
    ["s=plain; __Host-s=ours", "ours"],
    ["__Host-s=ours; s=plain; s=again", "ours"],
    ["__Host-s=; s=plain", ""],
    ["__host-s=a; __HOST-s=b", null],
    ["s=a; s=b", ["no_session", "cookie s"]],
    ["s=a; s=a", ["no_session", "cookie s"]],
    ["s=a; x=1;s =b", ["no_session", "cookie s"]],
    ["__Host-s=a; __Host-s=b", ["no_session", "cookie __Host-s"]],
  ])("%j", async (header, found) => {
    expect(await ask("/session", header)).toEqual(found);
  });

  it("a name is not one for the blanks that browsers do not know", async () => {
    for (const blank of ["\u00a0", "\u0085", "\u000b", "\u000c"])
      expect(await ask("/session", `${blank}__Host-s=evil`).catch(() => null)).toBeNull();
  });

  it("a header full of blanks costs nothing", async () => {
    const beganMs = performance.now();
    expect(await ask("/values", `s=${" ".repeat(15_000)}x; ${"\t".repeat(15_000)}=`)).toHaveLength(1);
    expect(performance.now() - beganMs).toBeLessThan(200);
  });
});
