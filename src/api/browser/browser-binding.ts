import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Context } from "hono";
import { setCookie } from "hono/cookie";
import type { PurposeKeys } from "../../domain/master-keyring.ts";
import { cookieValues } from "../cookies.ts";
import type { AppEnv } from "../app-env.ts";

/** One value per browser and person; never a parent-domain cookie, which sibling hosts could plant. */
const cookieName = "authio_ms_browser";
const cookieSeconds = 24 * 60 * 60;
/** 16 random bytes, then 16 that only our key ties to a person: 43 characters of base64url. */
const halfBytes = 16;
const shape = /^[\w-]{43}$/;

export const newToken = (): string => randomBytes(32).toString("base64url");
export const hashOf = (value: string): string => createHash("sha256").update(value).digest("hex");

/**
 * At the start: keeps the cookie that this person's earlier starts planted, so that several tabs work, and plants a new
 * one over anybody else's: who shares a browser must not finish what another person began. Gives the keyed hash that the
 * row holds.
 */
export function bindPerson(c: Context<AppEnv>, browserKeys: PurposeKeys, userId: string): string {
  const present = browserCookie(c);
  const isTheirs = present !== undefined && browserKeys.all.some((key) => isOf(key, present, userId));
  return plant(c, browserKeys, isTheirs ? present : newValue(browserKeys.active, userId));
}

/**
 * At the callback of confirm binding, where no session says who is here: keeps any cookie, since a mailed link must not
 * end the attempts of the person whose browser it reaches.
 */
export function bindBrowser(c: Context<AppEnv>, browserKeys: PurposeKeys, starterId: string): string {
  const present = browserCookie(c);
  return plant(c, browserKeys, present ?? newValue(browserKeys.active, starterId));
}

function plant(c: Context<AppEnv>, browserKeys: PurposeKeys, value: string): string {
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

/** This browser's value, of our shape. Two of them are as good as none: one is not from us. */
export function browserCookie(c: Context<AppEnv>): string | undefined {
  const [value, ...others] = cookieValues(c, `__Host-${cookieName}`);
  return value !== undefined && others.length === 0 && shape.test(value) ? value : undefined;
}

function equal(given: string, expected: string): boolean {
  return given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected));
}

function keyedHash(browserKey: Buffer, value: string): string {
  return createHmac("sha256", browserKey).update(value).digest("hex");
}
