import type { Context } from "hono";
import { z } from "zod";
import { signedOutPage } from "../../dashboard/signed-out-page.ts";
import { forgetSession } from "../../db/signin-codes.ts";
import { type Application, applicationOf } from "../../domain/application.ts";
import { CodedError } from "../../domain/coded-error.ts";
import { buildSignOutUrl } from "../../entra/sign-out-url.ts";
import type { AppEnv } from "../app-env.ts";
import { describeRoute } from "../contract/route.ts";
import type { ApiDeps } from "../deps.ts";
import { parametersOf, readGiven } from "./form.ts";
import { clientNamedBy, readIdTokenHint } from "./id-token-hint.ts";
import { OAuthProblem } from "./oauth-problem.ts";
import { oidcPaths } from "./paths.ts";

const parametersSchema = z.object({
  id_token_hint: z.string().optional(),
  client_id: z.string().optional(),
  post_logout_redirect_uri: z.string().optional(),
  state: z.string().optional(),
});

export const endSessionRoute = describeRoute({
  methods: ["get", "post"],
  path: oidcPaths.endSession,
  servedBy: "sso",
  operationId: "endSession",
  tag: "OpenID Connect",
  summary: "Sign out (RP-Initiated Logout)",
  description:
    "Ends what the sign-in gave; Microsoft's own session goes on, and the page offers its sign-out.",
  caller: "browser",
  query: parametersSchema,
  body: {
    schema: parametersSchema,
    isRequired: false,
    contentType: "application/x-www-form-urlencoded",
  },
  answers: {
    200: { description: "A page with the way back.", contentTypes: ["text/html"] },
  },
  refusals: ["sealing_key_unavailable"],
  refusesBy: { kind: "page", clean: false, json: false },
});

/**
 * `GET` and `POST /v1/auth/end-session` (OpenID Connect RP-Initiated Logout 1.0): ends what the sign-in gave. We hold no
 * session of the browser's, and Microsoft's goes on: the page offers its sign-out beside the way back, to a registered
 * address of the application that `client_id` or the ID token names.
 * @throws {CodedError} invalid_request for an address that is not registered with the application that asks
 */
export async function endSession(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const { applications, dashboardUrl, cloud } = deps.config;
  const parameters = await readGiven(c)
    .then((given) => parametersOf(given, Object.keys(parametersSchema.shape)))
    .catch((error: unknown) => {
      throw error instanceof OAuthProblem ? new CodedError("invalid_request") : error;
    });
  const token = parameters.get("id_token_hint");
  const hint = token === undefined ? undefined : await readIdTokenHint(deps, token);
  const clientId = parameters.get("client_id") ?? (token === undefined ? undefined : clientNamedBy(token));
  if (hint && clientId !== hint.clientId) throw new CodedError("invalid_request");
  const application = clientId === undefined ? undefined : applicationOf(applications, clientId);
  const next = nextUrl(application, parameters);
  if (hint) await forgetSession(deps.database, hint.sid);
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
