import { setTimeout as sleep } from "node:timers/promises";
import * as oidc from "openid-client";
import type { Database } from "../db/client.ts";
import { spendState } from "../db/code-redemptions.ts";
import { findConnection } from "../db/sso-connections.ts";
import { CodedError } from "../domain/coded-error.ts";
import type { EntraCloud } from "../domain/clouds.ts";
import type { PurposeKeys } from "../domain/master-keyring.ts";
import type { SignInPurpose } from "../domain/sign-in-purpose.ts";
import type { SsoConnection } from "../domain/sso-connection.ts";
import type { Telemetry } from "../domain/telemetry.ts";
import { stateOfAnswer } from "../entra/consent-url.ts";
import { judgeOAuthError, OAuthRefusal, readOAuthRedirect, referenceOf } from "../entra/oauth-error.ts";
import { toOidcRefusal } from "../entra/oidc-failure.ts";
import { tenantConfiguration } from "../entra/tenant-configuration.ts";
import { storageContext } from "../sealing/contexts.ts";
import { open } from "../sealing/envelope.ts";
import type { KeyWrapping } from "../sealing/key-wrapping.ts";
import { SealingError } from "../sealing/sealing-error.ts";
import { createRedeemOnce, hashOf, ticketOf } from "./redeem-once.ts";
import { createRedemptionGate } from "./redemption-gate.ts";
import { createSignInFlows, type SignInFlow } from "./sign-in-flow.ts";
import { readSignedIn, type SignedIn } from "./identity.ts";

/** Where the browser goes, and the signed cookie value that ties Microsoft's answer to this browser. */
export interface SignInHop {
  readonly url: string;
  readonly state: string;
  readonly flow: string;
}

/** What a browser brought back from Microsoft, and the network address that it came from. */
export interface BroughtAnswer {
  readonly callback: URL;
  readonly visitor: string;
}

/** What a flow ended with. That an administrator consented is unsigned: told to the person, and nothing more. */
export type SignInAnswer =
  | { readonly kind: "signed_in"; readonly signedIn: SignedIn; readonly purpose: SignInPurpose }
  | { readonly kind: "admin_consent_reported" };

/** What Microsoft's page is told beforehand. */
export interface SignInHints {
  readonly loginHint?: string | undefined;
  readonly domainHint?: string | undefined;
  readonly prompt?: "none" | "login" | "select_account" | undefined;
}

export interface SignIn {
  /** @throws {CodedError} invalid_request where the flow would not fit into a cookie */
  begin(connection: SsoConnection, purpose?: SignInPurpose, hints?: SignInHints): Promise<SignInHop>;
  /** Asks an administrator of the tenant to consent for all its users, once. */
  beginAdminConsent(connection: SsoConnection): SignInHop;
  /** What the flow of this state is for, where the answer came to the browser and connection that asked. */
  purposeOf(connection: SsoConnection, flow: string | undefined, state: string): SignInPurpose | undefined;
  /** When the flow of a cookie began, in ms; undefined for what is not ours or too old. */
  startedMs(flow: string): number | undefined;
  /**
   * Judges Microsoft's answer with the flow that its state names in this browser, if there is one. A state of ours that
   * arrives without its flow, or at another connection, is spent: its code is worth nothing to whoever is shown it.
   * @throws {CodedError} signin_*, too_many_refused_codes, service_unavailable
   */
  finish(connection: SsoConnection, flow: string | undefined, answer: BroughtAnswer): Promise<SignInAnswer>;
}

/** Browsers keep cookies of 4096 bytes, name included (RFC 6265 section 6.1). */
const flowCharactersMax = 3900;
/** Replication of a new secret across Microsoft's token servers is over by then. */
const youngSecretMs = 10 * 60_000;
const youngSecretPausesMs = [500, 1000, 2000, 4000];

/** OIDC code flow with PKCE, state, nonce and verified signature; the sealed secret is opened here and nowhere else. */
export function createSignIn(deps: {
  telemetry: Telemetry;
  cloud: EntraCloud;
  database: Database;
  keyWrapping: KeyWrapping;
  flowKeys: PurposeKeys;
  allowInsecure: boolean;
}): SignIn {
  const { telemetry, cloud, allowInsecure } = deps;
  const flows = createSignInFlows(deps.flowKeys);
  const redeemOnce = createRedeemOnce<SignedIn>(deps.database, createRedemptionGate());
  const newFlow = (
    kind: SignInFlow["k"],
    connection: SsoConnection,
    purpose: SignInPurpose = { kind: "test" },
  ): SignInFlow => {
    const nowMs = Date.now();
    return {
      k: kind,
      c: connection.id,
      s: flows.newState(nowMs),
      n: oidc.randomNonce(),
      v: oidc.randomPKCECodeVerifier(),
      t: nowMs,
      e: connection.epoch,
      p: purpose,
    };
  };

  async function spend(state: string): Promise<void> {
    const expiresAt = flows.expiryOf(state);
    if (expiresAt) await spendState(deps.database, { stateHash: hashOf(state), expiresAt });
  }

  async function redeem(connection: SsoConnection, flow: SignInFlow, callback: URL): Promise<SignedIn> {
    if (connection.sealedSecret === null) throw new CodedError("signin_disconnected");
    const clientSecret = await open(
      deps.keyWrapping,
      "sso-secret",
      storageContext({ ...connection, connectionId: connection.id }),
      connection.sealedSecret,
    );
    const client = await tenantConfiguration(
      { telemetry, cloud, clientId: connection.appId, clientSecret, allowInsecure },
      connection.entraTenantId,
    );
    const tokens = await oidc.authorizationCodeGrant(client, callback, {
      expectedState: flow.s,
      expectedNonce: flow.n,
      pkceCodeVerifier: flow.v,
      idTokenExpected: true,
    });
    return readSignedIn(connection, tokens.claims() ?? {});
  }

  /**
   * A refused secret leaves the code unspent. So the row is read again, since a renewal may have switched the secret
   * meanwhile; and what some of Microsoft's servers may not know yet, a young secret or application, is tried again.
   */
  async function redeemPatiently(given: SsoConnection, flow: SignInFlow, callback: URL): Promise<SignedIn> {
    let connection = given;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await redeem(connection, flow, callback);
      } catch (error) {
        const coded = asCoded(error);
        const spreads = coded instanceof OAuthRefusal && coded.kind === "spreads";
        if (coded.code !== "signin_secret_refused" && !spreads) throw coded;
        const current = (await findConnection(deps.database, connection.id)) ?? connection;
        const renewed = current.secretKeyId !== connection.secretKeyId && current.appId === connection.appId;
        const pauseMs = youngSecretPausesMs[attempt];
        const isYoung = Date.now() - current.updatedAt.getTime() < youngSecretMs;
        if (pauseMs === undefined || (!renewed && !isYoung)) throw coded;
        if (!renewed) await sleep(pauseMs);
        connection = current;
      }
    }
  }

  return {
    async begin(connection, purpose, hints = {}) {
      const flow = newFlow("i", connection, purpose);
      const text = flows.write(flow);
      if (text.length > flowCharactersMax) throw flowTooLong();
      const url = new URL(`/${connection.entraTenantId}/oauth2/v2.0/authorize`, cloud.loginOrigin);
      url.search = new URLSearchParams({
        client_id: connection.appId,
        response_type: "code",
        response_mode: "query",
        scope: "openid profile email",
        redirect_uri: connection.redirectUri,
        state: flow.s,
        nonce: flow.n,
        code_challenge: await oidc.calculatePKCECodeChallenge(flow.v),
        code_challenge_method: "S256",
        ...(hints.loginHint === undefined ? {} : { login_hint: hints.loginHint }),
        ...(hints.domainHint === undefined ? {} : { domain_hint: hints.domainHint }),
        ...(hints.prompt === undefined ? {} : { prompt: hints.prompt }),
      }).toString();
      return { url: url.href, state: flow.s, flow: text };
    },
    beginAdminConsent(connection) {
      const flow = newFlow("a", connection);
      const url = new URL(`/${connection.entraTenantId}/v2.0/adminconsent`, cloud.loginOrigin);
      url.search = new URLSearchParams({
        client_id: connection.appId,
        scope: cloud.graphScope,
        redirect_uri: connection.redirectUri,
        state: flow.s,
      }).toString();
      return { url: url.href, state: flow.s, flow: flows.write(flow) };
    },
    purposeOf(connection, text, state) {
      const flow = text === undefined ? undefined : flows.read(text);
      const isAnswer = flow?.c === connection.id && flow.s === state && flow.k === "i";
      return isAnswer ? flow.p : undefined;
    },
    startedMs: (flow) => flows.read(flow)?.t,
    async finish(connection, text, { callback, visitor }) {
      const state = stateOfAnswer(callback.searchParams);
      const flow = text === undefined ? undefined : flows.read(text);
      const expiresAt = flows.expiryOf(state);
      if (flow?.c !== connection.id || !expiresAt) {
        await spend(state);
        throw new CodedError("signin_state_invalid");
      }
      requireOwnAnswer(flow, callback);
      // Suspended and resumed, or another application since: what was begun before that ends.
      if (flow.e !== connection.epoch) throw new CodedError("signin_state_invalid");
      if (flow.k === "a") {
        requireConsent(connection, callback);
        return { kind: "admin_consent_reported" };
      }
      const code = callback.searchParams.get("code");
      if (!code) throw new CodedError("signin_state_invalid");
      const current = new URL(connection.redirectUri);
      current.search = callback.search;
      current.searchParams.set("state", flow.s);
      const signedIn = await redeemOnce(
        ticketOf(state, code, expiresAt),
        { connectionId: connection.id, visitor },
        () => redeemPatiently(connection, flow, current),
      );
      return { kind: "signed_in", signedIn, purpose: flow.p };
    },
  };
}

function flowTooLong(): CodedError {
  return new CodedError("invalid_request", undefined, {
    errors: [{ path: "state", reason: "is too long; a browser could not keep it through the sign-in" }],
  });
}

/** Compared before anything else, so that a foreign error redirect cannot choose our answer. */
function requireOwnAnswer(flow: SignInFlow, callback: URL): void {
  const query = callback.searchParams;
  const once = ["state", "code", "error", "error_description", "admin_consent", "tenant"];
  if (stateOfAnswer(query) !== flow.s || once.some((name) => query.getAll(name).length > 1))
    throw new CodedError("signin_state_invalid");
  const error = readOAuthRedirect(query);
  if (error) throw new OAuthRefusal(judgeOAuthError(error, "sign_in"), { microsoft: referenceOf(error) });
}

/** `True` for the connection's own tenant, as Microsoft writes it; everything else is no consent. */
function requireConsent(connection: SsoConnection, { searchParams: query }: URL): void {
  if (query.get("admin_consent") !== "True") throw new CodedError("signin_declined");
  if (query.get("tenant")?.toLowerCase() !== connection.entraTenantId)
    throw new CodedError("signin_wrong_directory");
}

function asCoded(error: unknown): CodedError {
  return error instanceof SealingError ? error : toOidcRefusal(error, "sign_in_code", "signin_token_invalid");
}
