import * as oidc from "openid-client";
import type { Database } from "../db/client.ts";
import { spendState, ticketOf } from "../db/code-redemptions.ts";
import { hashOf } from "../db/hash-of.ts";
import { CodedError } from "../domain/coded-error.ts";
import type { EntraCloud } from "../domain/clouds.ts";
import type { PurposeKeys } from "../domain/master-keyring.ts";
import type { SignInPurpose } from "../domain/sign-in-purpose.ts";
import type { SsoConnection } from "../domain/sso-connection.ts";
import type { Telemetry } from "../domain/telemetry.ts";
import { judgeRedirect, OAuthRefusal } from "../entra/judge-answer.ts";
import { stateOfAnswer } from "../entra/oauth-error.ts";
import { buildSignInUrl, buildUsersConsentUrl, type SignInHints } from "../entra/sign-in-url.ts";
import type { KeyWrapping } from "../sealing/key-wrapping.ts";
import { createEqualCallbacks } from "./equal-callbacks.ts";
import { createRedeemOnce, sameCode } from "./redeem-once.ts";
import { createRedemptionGate } from "./redemption-gate.ts";
import { createSignInFlows, type SignInFlow } from "./sign-in-flow.ts";
import type { SignedIn } from "./identity.ts";
import { createCodeRedemption } from "./redeem-code.ts";

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

export interface SignIn {
  /** @throws {CodedError} invalid_request where the flow would not fit into a cookie */
  begin(connection: SsoConnection, purpose?: SignInPurpose, hints?: SignInHints): Promise<SignInHop>;
  /** Asks an administrator of the tenant to consent for all its users, once. */
  beginAdminConsent(connection: SsoConnection): SignInHop;
  /** What the flow of this state is for, where the answer came to the browser and connection that asked. */
  purposeOf(connection: SsoConnection, flow: string | undefined, state: string): SignInPurpose | undefined;
  /** As soon as an answer is here, so that an equal one is known as such; what it gives, once it was answered. */
  arrive(callback: URL): () => void;
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

/** OIDC code flow with PKCE, state, nonce and verified signature. */
export function createSignIn(deps: {
  telemetry: Telemetry;
  cloud: EntraCloud;
  database: Database;
  keyWrapping: KeyWrapping;
  flowKeys: PurposeKeys;
  allowInsecure: boolean;
}): SignIn {
  const { cloud } = deps;
  const flows = createSignInFlows(deps.flowKeys);
  const equalCallbacks = createEqualCallbacks<SignedIn>();
  const redeemOnce = createRedeemOnce<SignedIn>(deps.database, createRedemptionGate(), equalCallbacks);
  const redeem = createCodeRedemption(deps);
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

  return {
    async begin(connection, purpose, hints = {}) {
      const flow = newFlow("i", connection, purpose);
      const text = flows.write(flow);
      if (text.length > flowCharactersMax) throw flowTooLong();
      const values = { state: flow.s, nonce: flow.n, verifier: flow.v };
      return { url: buildSignInUrl(cloud, connection, values, hints), state: flow.s, flow: text };
    },
    beginAdminConsent(connection) {
      const flow = newFlow("a", connection);
      const url = buildUsersConsentUrl(cloud, connection, flow.s);
      return { url, state: flow.s, flow: flows.write(flow) };
    },
    purposeOf(connection, text, state) {
      const flow = text === undefined ? undefined : flows.read(text);
      const isAnswer = flow?.c === connection.id && flow.s === state && flow.k === "i";
      return isAnswer ? flow.p : undefined;
    },
    arrive({ searchParams: query }) {
      const [stateHash, codeHash] = [hashOf(stateOfAnswer(query)), hashOf(query.get("code") ?? "")];
      return equalCallbacks.arrive(sameCode({ stateHash, codeHash }));
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
        () => redeem(connection, flow, current),
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
  const refusal = judgeRedirect(query, "sign_in");
  if (refusal) throw new OAuthRefusal(refusal);
}

/** `True` for the connection's own tenant, as Microsoft writes it; everything else is no consent. */
function requireConsent(connection: SsoConnection, { searchParams: query }: URL): void {
  if (query.get("admin_consent") !== "True") throw new CodedError("signin_declined");
  if (query.get("tenant")?.toLowerCase() !== connection.entraTenantId)
    throw new CodedError("signin_wrong_directory");
}
