import { randomBytes } from "node:crypto";
import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import {
  bindBrowser,
  bindPerson,
  bindPresser,
  isSameBrowser,
} from "../../../src/api/browser/browser-binding.ts";
import type { AppEnv } from "../../../src/api/app-env.ts";
import type { BindingMode } from "../../../src/domain/provision-request.ts";
import type { PurposeKeys } from "../../../src/domain/master-keyring.ts";

const [first, second] = [randomBytes(32), randomBytes(32)];
const keys: PurposeKeys = { active: first, all: [first] };
const name = "__Host-authio_ms_browser";

/** One call by a browser with these cookies: what it is bound to, and the cookie it has afterwards. */
async function call(
  bind: (c: Parameters<typeof bindPerson>[0]) => string,
  cookie?: string,
): Promise<{ hash: string; cookie: string }> {
  const app = new Hono<AppEnv>();
  app.get("/", (c) => c.text(bind(c)));
  const answer = await app.request("/", cookie === undefined ? {} : { headers: { cookie } });
  return {
    hash: await answer.text(),
    cookie: (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "",
  };
}
const startAs = (user: string, cookie?: string, ring = keys) =>
  call((c) => bindPerson(c, ring, user), cookie);

describe("the browser's cookie", () => {
  it("is kept for the same person, so that several tabs work", async () => {
    const one = await startAs("usr_1");
    const two = await startAs("usr_1", one.cookie);
    expect(two).toEqual(one);
    expect(one.cookie).toMatch(new RegExp(`^${name}=[\\w-]{43}$`));
  });

  it.each(["usr_2", "usr_1 ", "USR_1", "usr_", ""])("is renewed for %j", async (other) => {
    const one = await startAs("usr_1");
    const two = await startAs(other, one.cookie);
    expect(two.cookie).not.toBe(one.cookie);
    expect(two.hash).not.toBe(one.hash);
    // And back again: the first person's is gone.
    expect((await startAs("usr_1", two.cookie)).cookie).not.toBe(one.cookie);
  });

  it("differs for two browsers of one person, and tells nobody who that is", async () => {
    const [one, two] = [await startAs("usr_olivia@example.com"), await startAs("usr_olivia@example.com")];
    expect(one.cookie).not.toBe(two.cookie);
    const bytes = Buffer.from(one.cookie.slice(name.length + 1), "base64url").toString("latin1");
    expect(bytes).not.toContain("olivia");
    // Two cookies of one person share no part.
    expect(one.cookie.slice(-20)).not.toBe(two.cookie.slice(-20));
  });

  it("is replaced when it is not ours", async () => {
    for (const value of ["", "x", "A".repeat(43), "A".repeat(42), "a.b", `${"A".repeat(42)}=`])
      expect((await startAs("usr_1", `${name}=${value}`)).cookie).not.toBe(`${name}=${value}`);
  });

  it("stays good while keys are rotated", async () => {
    const one = await startAs("usr_1");
    const rotated: PurposeKeys = { active: second, all: [second, first] };
    expect((await startAs("usr_1", one.cookie, rotated)).cookie).toBe(one.cookie);
    expect((await startAs("usr_2", one.cookie, rotated)).cookie).not.toBe(one.cookie);
  });

  it("is not taken from a browser that a mailed link reaches", async () => {
    const victim = await startAs("usr_victim");
    const reached = await call((c) => bindBrowser(c, keys, "usr_attacker"), victim.cookie);
    expect(reached.cookie).toBe(victim.cookie);
    // Without one it gets the starter's, which that person's later starts keep.
    const fresh = await call((c) => bindBrowser(c, keys, "usr_1"));
    expect((await startAs("usr_1", fresh.cookie)).cookie).toBe(fresh.cookie);
    const app = new Hono<AppEnv>();
    app.get("/", (c) => c.json(isSameBrowser(c, keys, { binding: "confirm", browserHash: fresh.hash })));
    const answer = await app.request("/", { headers: { cookie: fresh.cookie } });
    expect(await answer.json()).toBe(true);
  });

  it("of a setup link and of a start are two, and neither is good for the other", async () => {
    const pressed = await call((c) => bindPresser(c, keys));
    expect(pressed.cookie).toMatch(/^__Host-authio_ms_setup=[\w-]{43}$/);
    // A second link in this browser does not disturb the first.
    expect(await call((c) => bindPresser(c, keys), pressed.cookie)).toEqual(pressed);
    const value = pressed.cookie.split("=")[1] ?? "";
    const isTaken = async (binding: BindingMode, cookie: string): Promise<unknown> => {
      const app = new Hono<AppEnv>();
      app.get("/", (c) => c.json(isSameBrowser(c, keys, { binding, browserHash: pressed.hash })));
      return (await app.request("/", { headers: { cookie } })).json();
    };
    expect(await isTaken("setup_link", pressed.cookie)).toBe(true);
    expect(await isTaken("setup_link", `${name}=${value}`)).toBe(false);
    // Also where one value stood in both cookies.
    expect(await isTaken("cookie", `${name}=${value}; ${pressed.cookie}`)).toBe(false);
    expect(await isTaken("confirm", `${name}=${value}; ${pressed.cookie}`)).toBe(false);
  });
});
