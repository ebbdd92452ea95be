import type { Context } from "hono";
import { CodedError } from "../domain/coded-error.ts";
import type { AppEnv } from "./app-env.ts";

/**
 * Every value that the browser sent under a name (RFC 6265 section 4.2), as it was sent, without quotes. Names are
 * compared byte for byte after spaces and tabs alone: browsers guard the prefix `__Host-` just as far.
 */
export function cookieValues(c: Context<AppEnv>, name: string): string[] {
  const header = c.req.raw.headers.get("cookie") ?? "";
  return header.split(";").flatMap((pair) => {
    const at = pair.indexOf("=");
    if (at === -1 || trimBlanks(pair.slice(0, at)) !== name) return [];
    return [trimBlanks(pair.slice(at + 1)).replace(/^"(.*)"$/, "$1")];
  });
}

/** A loop, since a pattern for the end of a header full of blanks takes quadratic time. */
function trimBlanks(text: string): string {
  const isBlank = (at: number): boolean => text[at] === " " || text[at] === "\t";
  let [start, end] = [0, text.length];
  while (start < end && isBlank(start)) start += 1;
  while (end > start && isBlank(end - 1)) end -= 1;
  return text.slice(start, end);
}

/**
 * The session in the cookies. `__Host-` first, since only this host can set it; the plain name may have been set by a
 * sibling host for the whole domain, so two of them are refused and neither is believed. Undefined where there is none.
 * @throws {CodedError} no_session, with the cookie's name in `errors`
 */
export function sessionCookieValue(c: Context<AppEnv>, name: string): string | undefined {
  for (const candidate of [`__Host-${name}`, name]) {
    const values = cookieValues(c, candidate);
    if (values.length > 1)
      throw new CodedError("no_session", "more than one session cookie", {
        errors: [
          {
            path: `cookie ${candidate}`,
            reason: "is there more than once; delete the cookies of this site and sign in again",
          },
        ],
      });
    if (values[0] !== undefined) return values[0];
  }
  return undefined;
}
