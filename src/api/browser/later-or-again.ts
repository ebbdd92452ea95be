import { createHash } from "node:crypto";
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { CodedError } from "../../domain/coded-error.ts";
import type { MicrosoftReference } from "../../domain/microsoft-codes.ts";
import type { AppEnv } from "../app-env.ts";

const cookieName = "authio_ms_again";
const cookie = { prefix: "host", secure: true, httpOnly: true, sameSite: "Lax", path: "/" } as const;

/**
 * For a failure of Microsoft's that passes and that asking the same address again cannot mend, since the failure
 * stands in its query. The first time it is said (503, at its own address); when the person loads the address once
 * more, the browser goes on to `url`. The cookie remembers the hash of the address, so each new failure is said again.
 * @throws {CodedError} service_unavailable
 */
export function laterOrAgain(
  c: Context<AppEnv>,
  url: string,
  {
    microsoft,
    retryAfterMs,
  }: { microsoft?: MicrosoftReference | undefined; retryAfterMs?: number | undefined },
): Response {
  const address = createHash("sha256").update(new URL(c.req.url).search).digest("base64url");
  if (getCookie(c, cookieName, "host") === address) {
    deleteCookie(c, cookieName, cookie);
    return c.redirect(url, 303);
  }
  setCookie(c, cookieName, address, { ...cookie, maxAge: 15 * 60 });
  throw new CodedError("service_unavailable", undefined, {
    microsoft,
    retryAfterMs: Math.max(retryAfterMs ?? 0, 5000),
  });
}
