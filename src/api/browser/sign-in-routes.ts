import type { Context } from "hono";
import { z } from "zod";
import { adminConsentPage, signedInPage } from "../../dashboard/signed-in-page.ts";
import { findConnection } from "../../db/sso-connections.ts";
import { recordSignInFailure } from "../../db/sign-in-failures.ts";
import { recordSignIn } from "../../db/sign-ins.ts";
import { recordUsersConsent } from "../../db/users-consent.ts";
import { CodedError } from "../../domain/coded-error.ts";
import type { ErrorCode } from "../../domain/error-codes.ts";
import { isCountedFailure } from "../../domain/sign-in-failures.ts";
import { connectionIdSchema } from "../../domain/ids.schema.ts";
import type { SsoConnection } from "../../domain/sso-connection.ts";
import { stateOfAnswer } from "../../entra/oauth-error.ts";
import { errorUrl, handOver, isRegistered, oauthWordOf, onlyNeedsPerson } from "../../signin/hand-over.ts";
import type { SignIn, SignInAnswer, SignInHop } from "../../signin/sign-in.ts";
import { clientAddressOf } from "./client-address.ts";
import { connectionLinks } from "../session/connection-view.ts";
import type { AppEnv } from "../app-env.ts";
import { connectionPath } from "../contract/fields.ts";
import { describeRoute } from "../contract/route.ts";
import type { ApiDeps } from "../deps.ts";
import { identitySchema } from "../handoff/identity.schema.ts";
import { dropFlow, flowOf, plantFlow } from "./flow-cookies.ts";
import { codeOf } from "../answer-error.ts";
import { isFinalRefusal } from "./refusal.ts";
import { signInCodes } from "./told-codes.ts";

export const adminConsentRoute = describeRoute({
  methods: ["get"],
  path: "/v1/sso/connections/{connectionId}/admin-consent",
  servedBy: "sso",
  operationId: "askAdminConsent",
  tag: "Sign-in",
  summary: "An administrator consents for all users",
  caller: "browser",
  parameters: connectionPath,
  answers: { 303: { description: "On to Microsoft.", headers: { Location: "Microsoft's address." } } },
  refusals: ["not_found", "signin_suspended", "signin_disconnected", "sealing_key_unavailable"],
  refusesBy: { kind: "page", clean: false, json: true },
});

/** `GET /v1/sso/connections/{connectionId}/admin-consent`: an administrator of the tenant consents for all its users. */
export async function askAdminConsent(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const { signIn, connection } = await requireSignIn(c, deps);
  return leave(c, signIn, signIn.beginAdminConsent(connection));
}

export const signInCallbackRoute = describeRoute({
  methods: ["get"],
  path: "/v1/sso/connections/{connectionId}/callback",
  servedBy: "sso",
  operationId: "signInCallback",
  tag: "Sign-in",
  summary: "Where Microsoft sends the person who signed in",
  description:
    "The redirect URI of the connection's application. What is no answer begins the sign-in anew. With `Accept: application/json` a test sign-in answers the identity itself, or the problem.",
  caller: "browser",
  parameters: connectionPath,
  query: z.object({
    code: z.string().optional(),
    state: z.string().optional(),
    error: z.string().optional(),
    error_description: z.string().optional(),
  }),
  answers: {
    200: {
      description: "A test sign-in: what the connection says of the person.",
      schema: identitySchema,
      contentTypes: ["text/html"],
    },
    303: {
      description: "To the application with a code or an error, or to the page of a final refusal.",
      headers: { Location: "The application's address, with `code` or `error`." },
    },
  },
  refusals: [...signInCodes, "not_found"],
  refusesBy: { kind: "page", clean: true, json: true },
});

export const signInRefusedRoute = describeRoute({
  methods: ["get"],
  path: "/v1/sso/connections/{connectionId}/refused",
  servedBy: "sso",
  operationId: "signInRefused",
  tag: "Sign-in",
  summary: "What a sign-in was refused for",
  description: "Answers with the code's own status, again and again.",
  caller: "browser",
  parameters: connectionPath,
  query: z.object({ about: z.string().meta({ description: "Signed by the callback." }) }),
  answers: {},
  refusals: [...signInCodes.filter(isFinalRefusal), "not_found"],
  refusesBy: { kind: "page", clean: false, json: false },
});

/** Of an answer to what we asked. */
const answerParameters = ["state", "code", "error"];

/**
 * `GET /v1/sso/connections/{connectionId}/callback`: the per-connection redirect URI. It touches only the flow that its state
 * names, and drops that once it is judged. What is no answer begins the sign-in anew: a reload after the page cleaned its
 * address, or an administrator who consented by a link of Microsoft's own, which ends here without a state.
 */
export async function finishSignIn(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const callback = new URL(c.req.url);
  const leave = requireKeyed(deps).signIn.arrive(callback);
  return answerCallback(c, deps, callback).finally(leave);
}

async function answerCallback(c: Context<AppEnv>, deps: ApiDeps, url: URL): Promise<Response> {
  const keyed = requireKeyed(deps);
  const connection = await requireConnection(c, deps);
  // A fragment of our own: else the browser carries along what an answer in the fragment had brought.
  if (!answerParameters.some((name) => url.searchParams.has(name)))
    return c.redirect(`${connectionLinks(deps.config.ssoOrigin, connection).sign_in_url}#again`, 303);
  const state = stateOfAnswer(url.searchParams);
  const flow = flowOf(c, state);
  try {
    requireOpen(connection);
    const brought = { callback: url, visitor: clientAddressOf(c, deps.config.trustedProxies) };
    const response = await answerSignIn(
      c,
      deps,
      connection,
      await keyed.signIn.finish(connection, flow, brought),
    );
    dropFlow(c, state);
    return response;
  } catch (error) {
    const code = codeOf(error);
    const purpose = keyed.signIn.purposeOf(connection, flow, state);
    const word = url.searchParams.get("error");
    const leadsBack =
      purpose !== undefined &&
      purpose.kind !== "test" &&
      code !== "internal" &&
      isRegistered(deps.config.applications, connection, purpose);
    // A flow that met a passing failure stays, so that a reload can finish it. Where the failure stands in the address no
    // reload can, and the application begins anew.
    const isOver = isFinalRefusal(code) || (leadsBack && word !== null);
    if (flow === undefined || !isOver) throw error;
    dropFlow(c, state);
    // Only what began in this browser and for this connection.
    if (purpose !== undefined && isCountedFailure(code) && !onlyNeedsPerson(code, word))
      void countFailure(deps, connection, code);
    if (!leadsBack) throw error;
    c.set("code", code);
    c.set("microsoft", error instanceof CodedError ? error.microsoft : undefined);
    const said = { word: oauthWordOf(code, word), code };
    return c.redirect(errorUrl(deps.config.ssoOrigin, purpose, said), 303);
  }
}

async function answerSignIn(
  c: Context<AppEnv>,
  deps: ApiDeps,
  connection: SsoConnection,
  answer: SignInAnswer,
): Promise<Response> {
  const { dashboardUrl, ssoOrigin, applications } = deps.config;
  if (answer.kind === "admin_consent_reported") return c.html(adminConsentPage(dashboardUrl));
  const { identity, authentication } = answer.signedIn;
  const { purpose } = answer;
  if (purpose.kind !== "test") {
    const { codes } = requireKeyed(deps);
    const url = await handOver({ codes, applications, ssoOrigin }, connection, purpose, answer.signedIn);
    void noteSignIn(deps, connection, identity.oid);
    return c.redirect(url, 303);
  }
  const noted = noteSignIn(deps, connection, identity.oid);
  if (c.req.header("accept")?.includes("application/json")) return c.json(identity);
  const view = {
    identity,
    authentication,
    issuer: connection.issuer,
    access: connection.access,
    someAdmitGuests: applications.some((one) => one.projectId === connection.projectId && one.admitsGuests),
    othersGetIn: await noted,
    signInUrl: connectionLinks(ssoOrigin, connection).sign_in_url,
    dashboardUrl,
  };
  return c.html(signedInPage(view));
}

/**
 * For the dashboard's hints only: nobody who goes on to an application waits for it, and it may fail. Never rejects.
 * @returns whether users who are no administrators are known to get in; undefined where it could not be looked up
 */
async function noteSignIn(
  deps: ApiDeps,
  connection: SsoConnection,
  objectId: string,
): Promise<boolean | undefined> {
  const isKnown = connection.usersConsentedAt !== null;
  const [counted, consent] = await Promise.allSettled([
    recordSignIn(deps.database, connection.id),
    isKnown || recordUsersConsent(deps.database, connection, objectId),
  ]);
  if (counted.status === "rejected" || consent.status === "rejected")
    deps.log.warn("a sign-in could not be noted", { connection_id: connection.id });
  return consent.status === "fulfilled" ? consent.value : undefined;
}

/** For the dashboard's hints only, as `noteSignIn`. Never rejects. */
async function countFailure(
  { database, log }: ApiDeps,
  { id }: SsoConnection,
  code: ErrorCode,
): Promise<void> {
  await recordSignInFailure(database, id, code).catch(() =>
    log.warn("a failed sign-in could not be noted", { connection_id: id }),
  );
}

export function leave(c: Context<AppEnv>, signIn: SignIn, hop: SignInHop): Response {
  plantFlow(c, hop, (flow) => signIn.startedMs(flow));
  return c.redirect(hop.url, 303);
}

export async function requireSignIn(
  c: Context<AppEnv>,
  deps: ApiDeps,
): Promise<{ signIn: SignIn; connection: SsoConnection }> {
  const { signIn } = requireKeyed(deps);
  const connection = await requireConnection(c, deps);
  requireOpen(connection);
  return { signIn, connection };
}

/** @throws {CodedError} sealing_key_unavailable */
export function requireKeyed({ keyed }: ApiDeps): NonNullable<ApiDeps["keyed"]> {
  if (!keyed) throw new CodedError("sealing_key_unavailable");
  return keyed;
}

/** @throws {CodedError} signin_suspended, signin_disconnected */
export function requireOpen({ status }: SsoConnection): void {
  if (status === "suspended") throw new CodedError("signin_suspended");
  if (status === "disconnected") throw new CodedError("signin_disconnected");
}

/** @throws {CodedError} not_found */
export async function requireConnection(c: Context<AppEnv>, deps: ApiDeps): Promise<SsoConnection> {
  const id = connectionIdSchema.safeParse(c.req.param("connectionId"));
  const connection = id.success ? await findConnection(deps.database, id.data) : undefined;
  if (!connection) throw new CodedError("not_found");
  return connection;
}
