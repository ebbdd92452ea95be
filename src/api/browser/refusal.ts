import { createHmac, timingSafeEqual } from "node:crypto";
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { z } from "zod";
import { errorPage, type FailureView } from "../../dashboard/error-page.ts";
import { errorTexts } from "../../dashboard/texts.ts";
import { findConnection } from "../../db/sso-connections.ts";
import { assignmentPageOf } from "../../domain/clouds.ts";
import { CodedError } from "../../domain/coded-error.ts";
import { type ErrorCode, factsOf, isErrorCode } from "../../domain/error-codes.ts";
import { connectionIdSchema } from "../../domain/ids.schema.ts";
import type { PurposeKeys } from "../../domain/master-keyring.ts";
import type { AppEnv } from "../app-env.ts";
import type { ApiDeps } from "../deps.ts";
import { pathOf } from "./path-of.ts";

/** Only codes, ids and a time: the page shows nothing that somebody else could word. Short names keep it small. */
const aboutSchema = z.object({
  c: z.string().refine(isErrorCode),
  r: z.string().regex(/^req_[0-9a-f]{32}$/),
  t: z.number(),
  m: z.string().optional(),
  i: z.string().optional(),
});
const aboutCharactersMax = 1024;

/**
 * False for what passes (429 and 503): that page stays at its address, so that a reload repeats the callback with the
 * code that Microsoft has not seen yet.
 */
export function isFinalRefusal(code: ErrorCode): boolean {
  return ![429, 503].includes(factsOf(code).httpStatus);
}

/**
 * Beside the callback, a page without its query: whoever sees or is asked for its address learns no code and no state.
 * Signed for that path, so that nobody else makes us say something. The fragment is ours, since a browser would carry
 * the callback's own along (an answer that was asked for with `response_mode=fragment`).
 */
export function refusalUrl(
  ssoOrigin: string,
  keys: PurposeKeys,
  callbackPath: string,
  { code, reference, microsoft, at }: FailureView,
): string {
  const path = callbackPath.replace(/\/[^/]*$/, "/refused");
  const about = { c: code, r: reference, t: at.getTime(), m: microsoft?.code, i: microsoft?.correlationId };
  const body = Buffer.from(JSON.stringify(about)).toString("base64url");
  return `${ssoOrigin}${path}?about=${body}.${signatureOf(keys.active, path, body)}#content`;
}

/** `GET …/refused?about=…`: what the callback refused, with the code's own HTTP status. The same address, the same page. */
export async function refusedPage(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const view = deps.keyed && readAbout(deps.keyed.refusalKeys, pathOf(c), c.req.query("about") ?? "");
  if (!view) throw new CodedError("not_found");
  return failureAnswer(c, deps, view);
}

/** The page of one failure, with the way on where there is one. */
export async function failureAnswer(c: Context<AppEnv>, deps: ApiDeps, view: FailureView): Promise<Response> {
  const { dashboardUrl } = deps.config;
  const administratorUrl =
    view.code === "signin_not_assigned" ? await assignmentPage(deps, c.req.param("connectionId")) : undefined;
  return c.html(
    errorPage({ ...view, administratorUrl, dashboardUrl, retry: retryOf(c, deps, view.code) }),
    factsOf(view.code).httpStatus as ContentfulStatusCode,
  );
}

/** Of the connection's application. A page without that link is better than none: where the look fails, there is none. */
async function assignmentPage(deps: ApiDeps, given: string | undefined): Promise<string | undefined> {
  const id = connectionIdSchema.safeParse(given);
  if (!id.success) return undefined;
  const connection = await findConnection(deps.database, id.data).catch(() => undefined);
  return connection && assignmentPageOf(deps.config.cloud, connection);
}

/**
 * A sign-in begins anew where the person wanted to go: at the application, where one takes it up by itself. A passing
 * failure elsewhere is met by the same address again.
 */
function retryOf(
  c: Context<AppEnv>,
  { config }: ApiDeps,
  code: ErrorCode,
): { url: string; text: string } | undefined {
  if (code.startsWith("signin_")) {
    const leads = config.applications.some(({ initiateLoginUri }) => initiateLoginUri !== undefined);
    const beside = (name: string): string => pathOf(c).replace(/\/[^/]+$/, `/${name}`);
    return leads
      ? { url: beside("launch"), text: errorTexts.toApplication }
      : { url: beside("initiate"), text: errorTexts.signInAgain };
  }
  const passes = !isFinalRefusal(code) && code !== "ms_provision_not_configured";
  return passes ? { url: "", text: errorTexts.retry } : undefined;
}

function readAbout(keys: PurposeKeys, path: string, text: string): FailureView | undefined {
  const [body = "", signature = ""] = text.slice(0, aboutCharactersMax).split(".");
  const given = Buffer.from(signature);
  const isOurs = keys.all.some((key) => {
    const expected = Buffer.from(signatureOf(key, path, body));
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  if (!isOurs) return undefined;
  const { c, r, t, m, i } = aboutSchema.parse(JSON.parse(Buffer.from(body, "base64url").toString("utf8")));
  return {
    code: c,
    reference: r,
    at: new Date(t),
    microsoft: m === undefined ? undefined : { code: m, correlationId: i },
  };
}

function signatureOf(key: Buffer, path: string, body: string): string {
  return createHmac("sha256", key).update(`${path}|${body}`).digest("base64url");
}
