import type { Context } from "hono";
import { type ErrorCode, isErrorCode } from "../domain/error-codes.ts";
import type { AppEnv } from "./app-env.ts";

/** The code that an answer tells, as a problem, a page, or the redirect that takes it on; undefined where it went well. */
export function answerCode(c: Context<AppEnv>): ErrorCode | undefined {
  const told = c.get("code");
  if (told !== undefined) return told;
  const location = c.res.headers.get("location");
  if (location === null || !URL.canParse(location)) return undefined;
  const error = new URL(location).searchParams.get("error");
  return isErrorCode(error) ? error : undefined;
}
