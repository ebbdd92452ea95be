import type { Context } from "hono";
import { whichDirectoryPage } from "../../dashboard/which-directory-page.ts";
import { type Application, applicationOf } from "../../domain/application.ts";
import { CodedError } from "../../domain/coded-error.ts";
import type { OidcPurpose } from "../../domain/sign-in-purpose.ts";
import { oauthAnswerUrl } from "../../signin/hand-over.ts";
import type { AppEnv } from "../app-env.ts";
import { leave, requireKeyed, requireOpen } from "../browser/sign-in-routes.ts";
import type { ApiDeps } from "../deps.ts";
import { type AuthorizeRequest, readAuthorizeRequest } from "./authorize-request.ts";
import { chooseConnection } from "./choose-connection.ts";
import { readParameters } from "./form.ts";
import { OAuthProblem } from "./oauth-problem.ts";

/**
 * `GET` and `POST /v1/auth/authorize` (OpenID Connect Core 3.1.2). Until client and redirect URI are known, whatever is
 * wrong is a page of ours; from then on it is told to the application.
 * @throws {CodedError} redirect_uri_not_registered, invalid_request
 */
export async function authorize(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const { signIn } = requireKeyed(deps);
  const parameters = await readParameters(c).catch((error: unknown) => {
    throw error instanceof OAuthProblem ? new CodedError("invalid_request") : error;
  });
  const { application, redirectUri } = requireRegistered(deps, parameters);
  const back = { redirectUri, state: parameters.get("state") };
  let request: AuthorizeRequest;
  try {
    request = readAuthorizeRequest(application, redirectUri, parameters, Date.now());
  } catch (error) {
    if (!(error instanceof OAuthProblem)) throw error;
    return refuse(c, deps, back, error);
  }
  const choice = await chooseConnection(deps, application, request);
  if (choice.kind === "ask") {
    if (request.hints.prompt === "none")
      return refuse(
        c,
        deps,
        back,
        new OAuthProblem("account_selection_required", "Nobody said which organization."),
      );
    return c.html(
      whichDirectoryPage({
        application: application.name,
        action: c.req.path,
        parameters,
        wasAsked: choice.wasAsked,
      }),
    );
  }
  const { connection } = choice;
  try {
    requireOpen(connection);
    const hints = {
      ...request.hints,
      domainHint: request.domainHint === undefined ? undefined : choice.domain,
    };
    return leave(c, signIn, await signIn.begin(connection, request.purpose, hints));
  } catch (error) {
    if (error instanceof CodedError && ["signin_suspended", "signin_disconnected"].includes(error.code))
      return refuse(
        c,
        deps,
        back,
        new OAuthProblem("access_denied", "The organization suspended this sign-in."),
      );
    if (error instanceof CodedError && error.code === "invalid_request")
      return refuse(
        c,
        deps,
        back,
        new OAuthProblem("invalid_request", "state and nonce are too long together."),
      );
    throw error;
  }
}

function requireRegistered(
  { config }: ApiDeps,
  parameters: ReadonlyMap<string, string>,
): { application: Application; redirectUri: string } {
  const application = applicationOf(config.applications, parameters.get("client_id") ?? "");
  const redirectUri = parameters.get("redirect_uri");
  if (!application || redirectUri === undefined || !application.redirectUris.includes(redirectUri))
    throw new CodedError("redirect_uri_not_registered");
  return { application, redirectUri };
}

function refuse(
  c: Context<AppEnv>,
  { config }: ApiDeps,
  back: Pick<OidcPurpose, "redirectUri" | "state">,
  { word, description }: OAuthProblem,
): Response {
  const answer = { error: word, error_description: description };
  return c.redirect(oauthAnswerUrl(config.ssoOrigin, { kind: "oidc", ...back }, answer), 303);
}
