import type { Context } from "hono";
import { z } from "zod";
import { whichDirectoryPage } from "../../dashboard/which-directory-page.ts";
import { type Application, applicationOf } from "../../domain/application.ts";
import { CodedError } from "../../domain/coded-error.ts";
import type { OidcPurpose } from "../../domain/sign-in-purpose.ts";
import { oauthAnswerUrl } from "../../signin/hand-over.ts";
import type { AppEnv } from "../app-env.ts";
import { clientAddressOf } from "../browser/client-address.ts";
import { describeRoute } from "../contract/route.ts";
import { leave, requireKeyed, requireOpen } from "../browser/sign-in-routes.ts";
import type { ApiDeps } from "../deps.ts";
import {
  authorizeParametersSchema,
  type AuthorizeRequest,
  readAuthorizeRequest,
  unsupported,
} from "./authorize-request.ts";
import { chooseConnection } from "./choose-connection.ts";
import { parametersOf, readGiven } from "./form.ts";
import { type IdTokenHint, readIdTokenHint } from "./id-token-hint.ts";
import { OAuthProblem } from "./oauth-problem.ts";
import { oidcPaths } from "./paths.ts";

const parametersSchema = z.object({
  client_id: z.string(),
  redirect_uri: z.string(),
  ...authorizeParametersSchema.shape,
});

export const authorizeRoute = describeRoute({
  methods: ["get", "post"],
  path: oidcPaths.authorize,
  servedBy: "sso",
  operationId: "authorize",
  tag: "OpenID Connect",
  summary: "Begin a sign-in (the code flow)",
  description:
    "Until client and redirect URI are known, whatever is wrong is a page; from then on it is told to the application.",
  caller: "browser",
  query: parametersSchema,
  body: {
    schema: parametersSchema,
    isRequired: true,
    contentType: "application/x-www-form-urlencoded",
  },
  answers: {
    200: { description: "A page that asks which organization it is.", contentTypes: ["text/html"] },
    303: {
      description: "On to Microsoft; or back to the application with `error`.",
      headers: {
        Location: "Microsoft's address, or the application's with `error`, `error_description`, `iss`.",
      },
    },
  },
  refusals: ["redirect_uri_not_registered", "too_many_unknown_organizations", "sealing_key_unavailable"],
  refusesBy: { kind: "page", clean: false, json: false },
});

/** What must be clear before anything can be told to the application. */
const addressed = ["client_id", "redirect_uri", "state"];
const read = [...Object.keys(parametersSchema.shape), ...Object.keys(unsupported)];

const unclear = new OAuthProblem("account_selection_required", "Nobody said which organization.");
const nobodySaid = new OAuthProblem("access_denied", "The person did not say which organization.");

/**
 * `GET` and `POST /v1/auth/authorize` (OpenID Connect Core 3.1.2). Until client and redirect URI are known, whatever is
 * wrong is a page of ours; from then on it is told to the application.
 * @throws {CodedError} redirect_uri_not_registered, invalid_request, too_many_unknown_organizations
 */
export async function authorize(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const { signIn } = requireKeyed(deps);
  const { given, from } = await readGiven(c)
    .then((given) => ({ given, from: parametersOf(given, addressed) }))
    .catch((error: unknown) => {
      throw error instanceof OAuthProblem ? new CodedError("invalid_request") : error;
    });
  const { application, redirectUri } = requireRegistered(deps, from);
  const back = { redirectUri, state: from.get("state") };
  let parameters: ReadonlyMap<string, string>;
  let request: AuthorizeRequest;
  try {
    parameters = parametersOf(given, read);
    const hint = await hintOf(deps, application, parameters);
    request = readAuthorizeRequest(application, redirectUri, parameters, hint, Date.now());
  } catch (error) {
    if (!(error instanceof OAuthProblem)) throw error;
    return refuse(c, deps, back, error);
  }
  const visitor = clientAddressOf(c, deps.config.trustedProxies);
  const choice = await chooseConnection(deps, application, request, visitor);
  if (choice.kind === "ask") {
    if (request.hints.prompt === "none") return refuse(c, deps, back, unclear);
    return c.html(
      whichDirectoryPage({
        application: application.name,
        action: c.req.path,
        parameters,
        wasAsked: choice.wasAsked,
        backUrl: refusalAddress(deps, back, nobodySaid),
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

/** @throws {OAuthProblem} invalid_request for what is no ID token that the application was given */
async function hintOf(
  deps: ApiDeps,
  { clientId }: Application,
  parameters: ReadonlyMap<string, string>,
): Promise<IdTokenHint | undefined> {
  const token = parameters.get("id_token_hint");
  if (token === undefined) return undefined;
  const hint = await readIdTokenHint(deps, token);
  if (hint?.clientId === clientId) return hint;
  throw new OAuthProblem("invalid_request", "id_token_hint is no ID token that this application was given.");
}

type Back = Pick<OidcPurpose, "redirectUri" | "state">;

function refuse(c: Context<AppEnv>, deps: ApiDeps, back: Back, problem: OAuthProblem): Response {
  return c.redirect(refusalAddress(deps, back, problem), 303);
}

function refusalAddress({ config }: ApiDeps, back: Back, { word, description }: OAuthProblem): string {
  const answer = { error: word, error_description: description };
  return oauthAnswerUrl(config.ssoOrigin, { kind: "oidc", ...back }, answer);
}
