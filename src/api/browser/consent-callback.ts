import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "hono";
import { hashOf } from "../../db/hash-of.ts";
import { endBeforeProof, recordConsent } from "../../db/provision-requests/consent.ts";
import { findRequest, findRequestByStateHash } from "../../db/provision-requests/find-request.ts";
import { CodedError } from "../../domain/coded-error.ts";
import type { ProvisionRequestId } from "../../domain/ids.ts";
import { isFinal, type ProvisionRequest } from "../../domain/provision-request.ts";
import { setupClickUrl } from "../../domain/setup-link.ts";
import { unreachable } from "../../domain/unreachable.ts";
import { type ConsentAnswer, readConsentAnswer } from "../../entra/consent-answer.ts";
import { buildProofUrl, prepareProof } from "../../entra/consent-proof.ts";
import { buildConsentUrl } from "../../entra/consent-url.ts";
import { OAuthRefusal } from "../../entra/judge-answer.ts";
import { drive } from "../../operations/drive.ts";
import { proveConsent } from "../../operations/prove-consent.ts";
import type { AppEnv } from "../app-env.ts";
import type { ApiDeps } from "../deps.ts";
import { bindBrowser, isSameBrowser } from "./browser-binding.ts";
import {
  type CallbackBrowser,
  decide,
  decideConsented,
  decideProof,
  decideStanding,
  type Decision,
} from "./consent-decision.ts";
import { confirmUrl, expiredUrl, outcomeUrl, waitForOutcome } from "./outcome.ts";
import { goOn, tell, wasTold } from "./told.ts";

/** One callback under way: who is here, and what the answer is made with. */
interface Callback {
  readonly c: Context<AppEnv>;
  readonly deps: ApiDeps;
  readonly consent: NonNullable<ApiDeps["consent"]>;
  readonly browser: CallbackBrowser;
}
type Of<K extends Decision["kind"]> = Extract<Decision, { kind: K }>;

const inHandRetryMs = 2000;

/**
 * `GET /v1/sso/microsoft/consent/callback`, both legs: reads, decides, acts. Always a redirect; what is thrown becomes a
 * page. Repeating it in the same browser gives the same answer.
 */
export async function consentCallback(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const { consent } = deps;
  if (!consent) throw new CodedError("ms_provision_not_configured");
  const answer = readConsentAnswer(new URL(c.req.url), consent.proof.proofKeys);
  const request = await requestOf(deps, answer);
  const isStarter = request !== undefined && isSameBrowser(c, consent.browserKeys, request);
  const browser = { isStarter, wasTold: wasTold(c) };
  const decision = decide(answer, request, browser, deps.clock.now());
  const go = (): Promise<Response> => act({ c, deps, consent, browser }, decision);
  if (!request || request.traceParent === null) return go();
  // The browser brings no trace along: from here on it is the one that the click began.
  return deps.tracing.within(request.traceParent, () => deps.tracing.span(`consent ${decision.kind}`, go));
}

async function requestOf(
  { database }: ApiDeps,
  answer: ConsentAnswer,
): Promise<ProvisionRequest | undefined> {
  switch (answer.kind) {
    case "malformed":
    case "forged":
      return undefined;
    case "consented":
    case "consent_refused":
      return findRequestByStateHash(database, hashOf(answer.state));
    case "code":
      return findRequest(database, answer.brought.hop.requestId);
    case "proof_refused":
      return findRequest(database, answer.hop.requestId);
    default:
      return unreachable(answer);
  }
}

async function act(at: Callback, decision: Decision): Promise<Response> {
  switch (decision.kind) {
    case "malformed":
      throw new CodedError("callback_malformed");
    case "unknown_state":
      throw new CodedError("state_unknown");
    case "wrong_browser":
      return burn(at, decision);
    case "expired":
      return sayExpired(at, decision);
    case "record_consent":
      return noteConsent(at, decision);
    case "hop":
      return hop(at, decision);
    case "redeem":
      return redeem(at, decision);
    case "in_hand":
      throw new CodedError("service_unavailable", undefined, { retryAfterMs: inHandRetryMs });
    case "tell":
      return tell(at.c, decision.refusal);
    case "consent_again":
      return goOn(at.c, buildConsentUrl({ ...at.consent.proof, state: decision.state }));
    case "credential_refused":
      return alarm(at, decision);
    case "end":
      return end(at, decision);
    case "confirm":
      return confirm(at, decision);
    case "setup_link":
      return at.c.redirect(setupClickUrl(at.deps.config.ssoOrigin, decision.request.id), 303);
    case "begin_run":
      return beginRun(at, decision);
    case "follow":
      return follow(at, decision);
    default:
      return decision satisfies never;
  }
}

async function burn({ deps }: Callback, { request }: Of<"wrong_browser">): Promise<never> {
  const code = "wrong_browser";
  await endBeforeProof(deps.database, request.id, { status: "refused", code });
  deps.log.warn("callback in another browser", { request_id: request.id, code });
  throw new CodedError(code);
}

function sayExpired({ c, deps }: Callback, { request }: Of<"expired">): Response {
  return c.redirect(expiredUrl(deps, request), 303);
}

async function noteConsent(at: Callback, { request, tenantHint }: Of<"record_consent">): Promise<Response> {
  const { c, deps, consent } = at;
  // Confirm binding: the browser that brings the consent is the one that goes on.
  const browserHash = request.browserHash ?? bindBrowser(c, consent.browserKeys, request.startedBy);
  const recorded = await recordConsent(deps.database, request.id, { tenantHint, browserHash });
  return act(at, decideConsented(recorded, tenantHint, deps.clock.now()));
}

async function hop({ c, consent }: Callback, { request, hop, pauseMs }: Of<"hop">): Promise<Response> {
  void prepareProof(consent.proof, request.tenantHint);
  await sleep(pauseMs);
  return goOn(c, buildProofUrl(consent.proof, request.tenantHint, hop));
}

async function redeem(at: Callback, { request, brought }: Of<"redeem">): Promise<Response> {
  const { database, watcher, clock, admission } = at.deps;
  const ctx = { database, clock, ...at.consent, look: (id: ProvisionRequestId) => watcher.row(id) };
  const proof = await admission.enter(request.orgId, () =>
    proveConsent({ ctx, input: { request, brought } }),
  );
  return act(at, decideProof(proof, request, brought.hop, at.browser, clock.now()));
}

/** The code stays good for a while: a reload goes on. */
function alarm({ deps }: Callback, { request, refusal }: Of<"credential_refused">): never {
  deps.log.error("Microsoft refuses the provisioning credential", {
    request_id: request.id,
    code: refusal.code,
  });
  throw new OAuthRefusal(refusal);
}

/** Burns the state and sends the browser back with the reason: the row's, if it ended otherwise meanwhile. */
async function end(at: Callback, { request, end }: Of<"end">): Promise<Response> {
  const ended = await endBeforeProof(at.deps.database, request.id, end);
  at.deps.log.info("provision ended before its proof", { request_id: request.id, code: end.code });
  return act(at, decideStanding(ended));
}

/** Where the host is not listed for confirmation any more, the value goes to nobody. */
async function confirm(at: Callback, { request }: Of<"confirm">): Promise<Response> {
  const url = confirmUrl(at.deps, at.consent, request);
  if (url !== undefined) return at.c.redirect(url, 303);
  const code = "binding_unavailable";
  if (request.status !== "unconfirmed") throw new CodedError(code);
  return end(at, { kind: "end", request, end: { status: "refused", code } });
}

async function beginRun(at: Callback, { request }: Of<"begin_run">): Promise<Response> {
  try {
    await at.deps.admission.enter(request.orgId, () => drive({ ctx: at.deps, input: { request } }));
  } catch (error) {
    // The proof is recorded, so the reconciler begins the run when there is room again.
    if (!(error instanceof CodedError) || error.code !== "service_unavailable") throw error;
  }
  return follow(at, { kind: "follow", request });
}

/** The return URL once it is settled, else the progress page. */
async function follow({ c, deps }: Callback, { request }: Of<"follow">): Promise<Response> {
  const counted = await waitForOutcome(deps, request, deps.config.callbackWaitMs);
  if (isFinal(counted.status)) return c.redirect(outcomeUrl(deps, request, counted), 303);
  return c.redirect(`${deps.config.ssoOrigin}/v1/sso/microsoft/provisions/${request.id}`, 303);
}
