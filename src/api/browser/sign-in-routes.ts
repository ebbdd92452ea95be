import type { Context } from "hono";
import { adminConsentPage, signedInPage } from "../../dashboard/signed-in-page.ts";
import { findConnection } from "../../db/sso-connections.ts";
import { recordUsersConsent } from "../../db/users-consent.ts";
import { CodedError } from "../../domain/coded-error.ts";
import { connectionIdSchema } from "../../domain/ids.schema.ts";
import type { SsoConnection } from "../../domain/sso-connection.ts";
import { stateOfAnswer } from "../../entra/consent-url.ts";
import type { BroughtAnswer, SignIn, SignInAnswer, SignInHop } from "../../signin/sign-in.ts";
import { clientAddressOf } from "./client-address.ts";
import { connectionLinks } from "../session/connection-view.ts";
import type { AppEnv } from "../app-env.ts";
import type { ApiDeps } from "../deps.ts";
import { dropFlow, flowOf, plantFlow } from "./flow-cookies.ts";
import { codeOf } from "../problem.ts";
import { isFinalRefusal } from "./refusal.ts";

/** `GET /v1/sso/connections/{connectionId}/initiate` */
export async function authorizeSignIn(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const { signIn, connection } = await requireSignIn(c, deps);
  return leave(c, signIn, await signIn.begin(connection));
}

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
  const { signIn, connection } = await requireSignIn(c, deps);
  const url = new URL(c.req.url);
  const links = connectionLinks(deps.config.ssoOrigin, connection);
  // A fragment of our own: else the browser carries along what an answer in the fragment had brought.
  if (url.search === "") return c.redirect(`${links.sign_in_url}#again`, 303);
  const answer = await finishFlow(c, signIn, connection, {
    callback: url,
    visitor: clientAddressOf(c, deps.config.trustedProxies),
  });
  if (answer.kind === "admin_consent_reported") return c.html(adminConsentPage(deps.config.dashboardUrl));
  await noteUsersConsent(deps, connection, answer.user.oid);
  return c.req.header("accept")?.includes("application/json")
    ? c.json(answer.user)
    : c.html(
        signedInPage({
          identity: answer.user,
          signInUrl: links.sign_in_url,
          dashboardUrl: deps.config.dashboardUrl,
        }),
      );
}

/** For the dashboard's hint only, so it may fail without harm to the person who has just signed in. */
async function noteUsersConsent(deps: ApiDeps, connection: SsoConnection, objectId: string): Promise<void> {
  if (connection.usersConsentedAt !== null) return;
  await recordUsersConsent(deps.database, connection, objectId).catch((error: Error) =>
    deps.log.warn("that users get through could not be noted", { reason: error.name }),
  );
}

/** A flow that met a passing failure stays, so that a reload can finish it. */
async function finishFlow(
  c: Context<AppEnv>,
  signIn: SignIn,
  connection: SsoConnection,
  brought: BroughtAnswer,
): Promise<SignInAnswer> {
  const state = stateOfAnswer(brought.callback.searchParams);
  const flow = flowOf(c, state);
  try {
    const answer = await signIn.finish(connection, flow, brought);
    dropFlow(c, state);
    return answer;
  } catch (error) {
    if (flow !== undefined && isFinalRefusal(codeOf(error))) dropFlow(c, state);
    throw error;
  }
}

function leave(c: Context<AppEnv>, signIn: SignIn, hop: SignInHop): Response {
  plantFlow(c, hop, (flow) => signIn.startedMs(flow));
  return c.redirect(hop.url, 303);
}

async function requireSignIn(
  c: Context<AppEnv>,
  deps: ApiDeps,
): Promise<{ signIn: SignIn; connection: SsoConnection }> {
  if (!deps.keyed) throw new CodedError("sealing_key_unavailable");
  const connection = await requireConnection(c, deps);
  requireOpen(connection);
  return { signIn: deps.keyed.signIn, connection };
}

/** @throws {CodedError} signin_suspended, signin_disconnected */
function requireOpen({ status }: SsoConnection): void {
  if (status === "suspended") throw new CodedError("signin_suspended");
  if (status === "disconnected") throw new CodedError("signin_disconnected");
}

async function requireConnection(c: Context<AppEnv>, deps: ApiDeps): Promise<SsoConnection> {
  const id = connectionIdSchema.safeParse(c.req.param("connectionId"));
  const connection = id.success ? await findConnection(deps.database, id.data) : undefined;
  if (!connection) throw new CodedError("not_found");
  return connection;
}
