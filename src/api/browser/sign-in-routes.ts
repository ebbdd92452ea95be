import type { Context } from "hono";
import { adminConsentPage, signedInPage } from "../../dashboard/signed-in-page.ts";
import { findConnection } from "../../db/sso-connections.ts";
import { recordSignIn } from "../../db/sign-ins.ts";
import { recordUsersConsent } from "../../db/users-consent.ts";
import { CodedError } from "../../domain/coded-error.ts";
import { connectionIdSchema } from "../../domain/ids.schema.ts";
import type { SsoConnection } from "../../domain/sso-connection.ts";
import { stateOfAnswer } from "../../entra/consent-url.ts";
import { errorUrl, handOver, isRegistered, oauthWordOf } from "../../signin/hand-over.ts";
import type { SignIn, SignInAnswer, SignInHop } from "../../signin/sign-in.ts";
import { clientAddressOf } from "./client-address.ts";
import { connectionLinks } from "../session/connection-view.ts";
import type { AppEnv } from "../app-env.ts";
import type { ApiDeps } from "../deps.ts";
import { dropFlow, flowOf, plantFlow } from "./flow-cookies.ts";
import { codeOf } from "../problem.ts";
import { isFinalRefusal } from "./refusal.ts";

/** `GET /v1/sso/connections/{connectionId}/admin-consent`: an administrator of the tenant consents for all its users. */
export async function askAdminConsent(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const { signIn, connection } = await requireSignIn(c, deps);
  return leave(c, signIn, signIn.beginAdminConsent(connection));
}

/**
 * `GET /v1/sso/connections/{connectionId}/callback`: the per-connection redirect URI. It touches only the flow that its state
 * names, and drops that once it is judged. Without a query (a reload after the page cleaned its address) the sign-in
 * begins anew.
 */
export async function finishSignIn(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const keyed = requireKeyed(deps);
  const connection = await requireConnection(c, deps);
  const url = new URL(c.req.url);
  // A fragment of our own: else the browser carries along what an answer in the fragment had brought.
  if (url.search === "")
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
    // A flow that met a passing failure stays, so that a reload can finish it.
    if (flow === undefined || !isFinalRefusal(code)) throw error;
    dropFlow(c, state);
    const purpose = keyed.signIn.purposeOf(connection, flow, state);
    const leadsBack =
      purpose !== undefined &&
      purpose.kind !== "test" &&
      isRegistered(deps.config.applications, connection, purpose);
    if (!leadsBack || code === "internal") throw error;
    deps.log.info("sign-in refused", { request_id: c.get("requestId"), code, connection_id: connection.id });
    const word = oauthWordOf(code, url.searchParams.get("error"));
    return c.redirect(errorUrl(deps.config.ssoOrigin, purpose, { word, code }), 303);
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
  const { identity } = answer.signedIn;
  const { purpose } = answer;
  if (purpose.kind !== "test") {
    const { codes } = requireKeyed(deps);
    const url = await handOver({ codes, applications, ssoOrigin }, connection, purpose, answer.signedIn);
    await noteSignIn(deps, connection, identity.oid);
    return c.redirect(url, 303);
  }
  await noteSignIn(deps, connection, identity.oid);
  const { sign_in_url: signInUrl } = connectionLinks(ssoOrigin, connection);
  return c.req.header("accept")?.includes("application/json")
    ? c.json(identity)
    : c.html(signedInPage({ identity, signInUrl, dashboardUrl }));
}

/** For the dashboard's hints only, so it may fail without harm to the person who has just signed in. */
async function noteSignIn(deps: ApiDeps, connection: SsoConnection, objectId: string): Promise<void> {
  const notes = [
    recordSignIn(deps.database, connection.id),
    ...(connection.usersConsentedAt === null
      ? [recordUsersConsent(deps.database, connection, objectId)]
      : []),
  ];
  for (const { status } of await Promise.allSettled(notes))
    if (status === "rejected")
      deps.log.warn("a sign-in could not be noted", { connection_id: connection.id });
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

async function requireConnection(c: Context<AppEnv>, deps: ApiDeps): Promise<SsoConnection> {
  const id = connectionIdSchema.safeParse(c.req.param("connectionId"));
  const connection = id.success ? await findConnection(deps.database, id.data) : undefined;
  if (!connection) throw new CodedError("not_found");
  return connection;
}
