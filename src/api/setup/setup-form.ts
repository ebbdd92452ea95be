import type { Context } from "hono";
import type { z } from "zod";
import { CodedError } from "../../domain/coded-error.ts";
import { originOf } from "../../domain/host-name.ts";
import type { AppEnv } from "../app-env.ts";
import type { ApiDeps } from "../deps.ts";
import { readText } from "../read-text.ts";

/**
 * A form that a person sent from our own page: `Sec-Fetch-Site` says so in every browser of today (Fetch Metadata), else
 * `Origin` does. A page's referrer policy may make browsers send `Origin: null`, which proves nothing by itself.
 * @throws {CodedError} cross_site_refused, invalid_request
 */
export async function readOwnForm<T>(
  c: Context<AppEnv>,
  { config }: Pick<ApiDeps, "config">,
  schema: z.ZodType<T>,
): Promise<T> {
  const site = c.req.header("sec-fetch-site");
  const origin = c.req.header("origin");
  const isOwnOrigin = originOf(origin) === config.ssoOrigin;
  const isOwn =
    site === undefined ? isOwnOrigin : site === "same-origin" && (isOwnOrigin || origin === "null");
  if (!isOwn) throw new CodedError("cross_site_refused");
  if (!/^application\/x-www-form-urlencoded\b/i.test(c.req.header("content-type") ?? ""))
    throw new CodedError("invalid_request");
  const fields = [...new URLSearchParams(await readText(c))];
  const read = schema.safeParse(Object.fromEntries(fields));
  if (!read.success || fields.length > Object.keys(Object.fromEntries(fields)).length)
    throw new CodedError("invalid_request");
  return read.data;
}
