import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Context } from "hono";
import { setCookie } from "hono/cookie";
import type { PurposeKeys } from "../domain/master-keyring.ts";
import { cookieValues } from "./cookies.ts";
import type { AppEnv } from "./deps.ts";

/** One value per browser, reused by later starts; never a parent-domain cookie, which sibling hosts could plant. */
const cookieName = "authio_ms_browser";
const cookieSeconds = 24 * 60 * 60;
const token = /^[\w-]{43}$/;

export const newToken = (): string => randomBytes(32).toString("base64url");
export const hashOf = (value: string): string => createHash("sha256").update(value).digest("hex");

/** Plants the cookie, or keeps the one that is there, and gives the keyed hash that the row holds. */
export function bindBrowser(c: Context<AppEnv>, browserKeys: PurposeKeys): string {
  const present = browserCookie(c);
  const value = present !== undefined && token.test(present) ? present : newToken();
  setCookie(c, cookieName, value, {
    prefix: "host",
    secure: true,
    httpOnly: true,
    sameSite: "Lax",
    path: "/",
    maxAge: cookieSeconds,
  });
  return keyedHash(browserKeys.active, value);
}

/** True when this is the browser that started, whichever key of the ring was active then. */
export function isSameBrowser(
  c: Context<AppEnv>,
  browserKeys: PurposeKeys,
  browserHash: string | null,
): boolean {
  const value = browserCookie(c);
  if (value === undefined || browserHash === null) return false;
  return browserKeys.all.some((key) => equal(keyedHash(key, value), browserHash));
}

/** Two of them are as good as none: one is not from us. */
function browserCookie(c: Context<AppEnv>): string | undefined {
  const values = cookieValues(c, `__Host-${cookieName}`);
  return values.length === 1 ? values[0] : undefined;
}

function equal(given: string, expected: string): boolean {
  return given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected));
}

function keyedHash(browserKey: Buffer, value: string): string {
  return createHmac("sha256", browserKey).update(value).digest("hex");
}
