import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Context } from "hono";
import { setCookie } from "hono/cookie";
import type { BindingMode } from "../../domain/provision-request.ts";
import type { PurposeKeys } from "../../domain/master-keyring.ts";
import { cookieValues } from "../cookies.ts";
import type { AppEnv } from "../app-env.ts";

/** One value per browser and person; never a parent-domain cookie, which sibling hosts could plant. */
const starters = { name: "authio_ms_browser", seconds: 24 * 60 * 60, purpose: "" } as const;
/** Of who pressed a setup link: until the owner of the longest-lived link has confirmed. */
const pressers = { name: "authio_ms_setup", seconds: 8 * 24 * 60 * 60, purpose: "setup_link:" } as const;
type BrowserCookie = typeof starters | typeof pressers;
/** Neither kind of click can be finished with the other's cookie. */
const cookieOf = (binding: BindingMode): BrowserCookie => (binding === "setup_link" ? pressers : starters);
/** 16 random bytes, then 16 that only our key ties to a person: 43 characters of base64url. */
const halfBytes = 16;
const shape = /^[\w-]{43}$/;

export const newToken = (): string => randomBytes(32).toString("base64url");

/**
 * At the start: keeps the cookie that this person's earlier starts planted, so that several tabs work, and plants a new
 * one over anybody else's: who shares a browser must not finish what another person began. Gives the keyed hash that the
 * row holds.
 */
export function bindPerson(c: Context<AppEnv>, browserKeys: PurposeKeys, userId: string): string {
  const present = browserCookie(c);
  const isTheirs = present !== undefined && browserKeys.all.some((key) => isOf(key, present, userId));
  return plant(c, browserKeys, starters, isTheirs ? present : newValue(browserKeys.active, userId));
}

/**
 * At the callback of confirm binding, where no session says who is here: keeps any cookie, since a mailed link must not
 * end the attempts of the person whose browser it reaches.
 */
export function bindBrowser(c: Context<AppEnv>, browserKeys: PurposeKeys, starterId: string): string {
  const present = browserCookie(c);
  return plant(c, browserKeys, starters, present ?? newValue(browserKeys.active, starterId));
}

/** At the press of a setup link, where nobody has a session; several links in one browser share the value. */
export function bindPresser(c: Context<AppEnv>, browserKeys: PurposeKeys): string {
  return plant(c, browserKeys, pressers, browserCookie(c, "setup_link") ?? newToken());
}

function plant(c: Context<AppEnv>, browserKeys: PurposeKeys, cookie: BrowserCookie, value: string): string {
  setCookie(c, cookie.name, value, {
    prefix: "host",
    secure: true,
    httpOnly: true,
    sameSite: "Lax",
    path: "/",
    maxAge: cookie.seconds,
  });
  return keyedHash(browserKeys.active, cookie, value);
}

function newValue(key: Buffer, userId: string): string {
  const random = randomBytes(halfBytes);
  return Buffer.concat([random, personTag(key, random, userId)]).toString("base64url");
}

function isOf(key: Buffer, value: string, userId: string): boolean {
  const bytes = Buffer.from(value, "base64url");
  if (bytes.length !== 2 * halfBytes) return false;
  const [random, tag] = [bytes.subarray(0, halfBytes), bytes.subarray(halfBytes)];
  return timingSafeEqual(tag, personTag(key, random, userId));
}

/** Says nothing of the person to whoever reads the cookie. */
function personTag(key: Buffer, random: Buffer, userId: string): Buffer {
  return createHmac("sha256", key)
    .update("person")
    .update(random)
    .update(userId)
    .digest()
    .subarray(0, halfBytes);
}

/** True when this is the browser that started or pressed, whichever key of the ring was active then. */
export function isSameBrowser(
  c: Context<AppEnv>,
  browserKeys: PurposeKeys,
  { binding, browserHash }: { readonly binding: BindingMode; readonly browserHash: string | null },
): boolean {
  const value = browserCookie(c, binding);
  if (value === undefined || browserHash === null) return false;
  return browserKeys.all.some((key) => equal(keyedHash(key, cookieOf(binding), value), browserHash));
}

/** This browser's value, of our shape. Two of them are as good as none: one is not from us. */
export function browserCookie(c: Context<AppEnv>, binding: BindingMode = "cookie"): string | undefined {
  const [value, ...others] = cookieValues(c, `__Host-${cookieOf(binding).name}`);
  return value !== undefined && others.length === 0 && shape.test(value) ? value : undefined;
}

function equal(given: string, expected: string): boolean {
  return given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected));
}

function keyedHash(browserKey: Buffer, { purpose }: BrowserCookie, value: string): string {
  return createHmac("sha256", browserKey).update(purpose).update(value).digest("hex");
}
