import { createHash } from "node:crypto";
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { CodedError } from "../../domain/coded-error.ts";
import type { Judgement } from "../../entra/judge-answer.ts";
import type { AppEnv } from "../app-env.ts";

// For a failure of Microsoft's that passes and that asking the same address again cannot mend, since the failure stands
// in its query. The first time it is said (503, at its own address); when the person loads the address once more, the
// browser goes on. The cookie remembers the hash of the address, so each new failure is said again.

const cookieName = "authio_ms_again";
const cookie = { prefix: "host", secure: true, httpOnly: true, sameSite: "Lax", path: "/" } as const;
const rememberSeconds = 15 * 60;
const waitMsMin = 5000;

const addressOf = (c: Context<AppEnv>): string =>
  createHash("sha256").update(new URL(c.req.url).search).digest("base64url");

/** True when this browser was told at this very address. */
export function wasTold(c: Context<AppEnv>): boolean {
  return getCookie(c, cookieName, "host") === addressOf(c);
}

/** Remembers the address. @throws {CodedError} service_unavailable, always */
export function tell(c: Context<AppEnv>, { microsoft, retryAfterMs }: Judgement): never {
  setCookie(c, cookieName, addressOf(c), { ...cookie, maxAge: rememberSeconds });
  throw new CodedError("service_unavailable", undefined, {
    microsoft,
    retryAfterMs: Math.max(retryAfterMs ?? 0, waitMsMin),
  });
}

/** Leaves the address; what was told there is forgotten. */
export function goOn(c: Context<AppEnv>, url: string): Response {
  if (wasTold(c)) deleteCookie(c, cookieName, cookie);
  return c.redirect(url, 303);
}
