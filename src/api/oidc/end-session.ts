import type { Context } from "hono";
import { createLocalJWKSet, errors, jwtVerify } from "jose";
import { signedOutPage } from "../../dashboard/signed-out-page.ts";
import { forgetSession } from "../../db/signin-codes.ts";
import { type Application, applicationOf } from "../../domain/application.ts";
import { CodedError } from "../../domain/coded-error.ts";
import { buildSignOutUrl } from "../../entra/sign-out-url.ts";
import type { AppEnv } from "../app-env.ts";
import { requireKeyed } from "../browser/sign-in-routes.ts";
import type { ApiDeps } from "../deps.ts";
import { readParameters } from "./form.ts";
import { OAuthProblem } from "./oauth-problem.ts";

/** What an ID token of ours says of the sign-in that is to end, however old it is. */
interface Hint {
  readonly clientId: string;
  readonly sid: string;
  readonly tid: string;
}

/**
 * `GET` and `POST /v1/auth/end-session` (OpenID Connect RP-Initiated Logout 1.0): ends what the sign-in gave. We hold no
 * session of the browser's, and Microsoft's goes on, so the page offers its sign-out and the way back. With an ID token
 * of the application and a registered address the browser goes there at once.
 * @throws {CodedError} invalid_request for an address that is not registered with the application that asks
 */
export async function endSession(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const { applications, dashboardUrl, cloud } = deps.config;
  const parameters = await readParameters(c).catch((error: unknown) => {
    throw error instanceof OAuthProblem ? new CodedError("invalid_request") : error;
  });
  const token = parameters.get("id_token_hint");
  const hint = token === undefined ? undefined : await readHint(deps, token);
  const clientId = parameters.get("client_id") ?? hint?.clientId;
  if (hint && clientId !== hint.clientId) throw new CodedError("invalid_request");
  const application = clientId === undefined ? undefined : applicationOf(applications, clientId);
  const next = nextUrl(application, parameters);
  if (hint) await forgetSession(deps.database, hint.sid);
  if (hint && next !== undefined) return c.redirect(next, 303);
  return c.html(
    signedOutPage({
      application: application?.name,
      backUrl: next ?? dashboardUrl,
      microsoftUrl: buildSignOutUrl(cloud, hint?.tid),
    }),
  );
}

function nextUrl(
  application: Application | undefined,
  parameters: ReadonlyMap<string, string>,
): string | undefined {
  const uri = parameters.get("post_logout_redirect_uri");
  if (uri === undefined) return undefined;
  if (!application?.postLogoutRedirectUris.includes(uri))
    throw new CodedError("invalid_request", undefined, {
      errors: [
        { path: "post_logout_redirect_uri", reason: "is not registered with the application that asks" },
      ],
    });
  const state = parameters.get("state");
  if (state === undefined) return uri;
  return `${uri}${uri.includes("?") ? "&" : "?"}${new URLSearchParams({ state }).toString()}`;
}

/** Undefined for what is no ID token of ours, or signed by a key that is gone. Its end does not matter here. */
async function readHint(deps: ApiDeps, token: string): Promise<Hint | undefined> {
  const keys = createLocalJWKSet(await requireKeyed(deps).signingKeys.published());
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer: deps.config.ssoOrigin,
      algorithms: ["RS256"],
      currentDate: new Date(0),
    });
    const { aud, sid, tid } = payload as { aud?: unknown; sid?: unknown; tid?: unknown };
    if (typeof aud !== "string" || typeof sid !== "string" || typeof tid !== "string") return undefined;
    return { clientId: aud, sid, tid };
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}
