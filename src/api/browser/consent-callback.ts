import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "hono";
import { claimCode, type CodeTicket, judgeCode } from "../../db/code-redemptions.ts";
import { endBeforeProof, recordConsent } from "../../db/provision-requests/consent.ts";
import { findRequest, findRequestByStateHash } from "../../db/provision-requests/find-request.ts";
import {
  claimProofLease,
  keepProofLease,
  recordProof,
  releaseProofLease,
} from "../../db/provision-requests/proof.ts";
import { CodedError } from "../../domain/coded-error.ts";
import { isFinal, isUnproved, type ProvisionRequest } from "../../domain/provision-request.ts";
import { unreachable } from "../../domain/unreachable.ts";
import {
  buildProofUrl,
  confirmTokenOf,
  parseProofState,
  type ProofHop,
  redeemProof,
  type TenantProof,
} from "../../entra/consent-proof.ts";
import { buildConsentUrl, type CallbackQuery, parseCallback } from "../../entra/consent-url.ts";
import { OAuthRefusal } from "../../entra/oauth-error.ts";
import { bindBrowser, hashOf, isSameBrowser } from "./browser-binding.ts";
import type { AppEnv } from "../app-env.ts";
import type { ApiDeps } from "../deps.ts";
import { drive } from "../../operations/drive.ts";
import { outcomeUrl, waitForOutcome } from "./outcome.ts";
import { laterOrAgain } from "./later-or-again.ts";
import { buildReturnUrl } from "../return-url.ts";
import { isConfirmHost } from "../session/binding-mode.ts";

type Consent = NonNullable<ApiDeps["consent"]>;

type OAuthErrorQuery = Extract<CallbackQuery, { kind: "consent_error" | "proof_error" }>;

/** How often a passing failure is answered by another hop, unasked; further ones are for the person to ask for. */
const hopsUnasked = 3;
/** The state has one digit for it. */
const hopNumberMax = 9;
const redeemTries = 3;
/** A new consent reaches all of Microsoft's servers within seconds. */
const spreadPauseMs = 1000;
const leaseWaitMs = 15_000;

/**
 * `GET /v1/sso/microsoft/consent/callback`, both legs. Always a redirect; what is thrown becomes a page. Repeating it
 * in the same browser gives the same answer.
 */
export async function consentCallback(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  if (!deps.consent) throw new CodedError("ms_provision_not_configured");
  const query = parseCallback(new URL(c.req.url));
  switch (query.kind) {
    case "malformed":
      throw new CodedError("callback_malformed");
    case "consented": {
      const request = await requireStarter(
        c,
        deps,
        deps.consent,
        await findRequestByStateHash(deps.database, hashOf(query.state)),
      );
      if (
        isUnproved(request.status) &&
        request.tenantHint !== null &&
        request.tenantHint !== query.tenantHint
      )
        return refuse(c, deps, request, { status: "refused", code: "tenant_mismatch" });
      if (isBehindConsent(request)) return answer(c, deps, request);
      const consented =
        request.status === "issued"
          ? await recordConsent(deps.database, request.id, {
              tenantHint: query.tenantHint,
              // Confirm binding: the browser that brings the consent is the one that goes on.
              browserHash: request.browserHash ?? bindBrowser(c, deps.consent.browserKeys, request.startedBy),
            })
          : request;
      const current = consented ?? (await findRequest(deps.database, request.id)) ?? request;
      if (current.status !== "consented") return answer(c, deps, current);
      if (current.tenantHint !== query.tenantHint)
        return refuse(c, deps, current, { status: "refused", code: "tenant_mismatch" });
      return toProof(c, deps.consent, current, { requestId: current.id, number: 0, prompt: "silent" });
    }
    case "consent_error": {
      const request = await requireStarter(
        c,
        deps,
        deps.consent,
        await findRequestByStateHash(deps.database, hashOf(query.state)),
      );
      // Also after a consent: whoever goes back and declines has the last word until the proof.
      if (isBehindConsent(request) || request.expiresAt <= new Date()) return answer(c, deps, request);
      if (query.verdict.kind === "passes")
        return laterOrAgain(c, buildConsentUrl({ ...deps.consent.proof, state: query.state }), query);
      return refuse(c, deps, request, {
        status: "denied",
        code: query.verdict.code,
        microsoft: query.microsoft,
      });
    }
    case "code":
    case "proof_error": {
      const hop = parseProofState(deps.consent.proof.proofKeys, query.state);
      const request = await requireStarter(
        c,
        deps,
        deps.consent,
        hop && (await findRequest(deps.database, hop.requestId)),
      );
      if (!hop || request.status !== "consented") return answer(c, deps, request);
      return query.kind === "code"
        ? redeem(c, deps, deps.consent, request, hop, query.state)
        : afterProofError(c, deps, deps.consent, request, hop, query);
    }
    default:
      return unreachable(query);
  }
}

/**
 * The request behind a state, for the browser that started it; another browser burns the state, so that what its
 * address bar holds is worth nothing to whoever sent the link. With confirm binding the browser that brings the consent
 * is that browser; before it, none is known.
 */
async function requireStarter(
  c: Context<AppEnv>,
  deps: ApiDeps,
  consent: Consent,
  request: ProvisionRequest | undefined,
): Promise<ProvisionRequest> {
  if (!request) throw new CodedError("state_unknown");
  if (request.binding === "confirm" && request.browserHash === null) return request;
  if (!isSameBrowser(c, consent.browserKeys, request.browserHash)) {
    await endBeforeProof(deps.database, request.id, { status: "refused", code: "wrong_browser" });
    deps.log.warn("callback in another browser", { request_id: request.id, code: "wrong_browser" });
    throw new CodedError("wrong_browser");
  }
  return request;
}

function isBehindConsent(request: ProvisionRequest): boolean {
  return isFinal(request.status) || ["unconfirmed", "proved", "provisioning"].includes(request.status);
}

function toProof(c: Context<AppEnv>, consent: Consent, request: ProvisionRequest, hop: ProofHop): Response {
  return c.redirect(proofUrl(consent, request, hop), 303);
}

function proofUrl(consent: Consent, request: ProvisionRequest, hop: ProofHop): string {
  if (request.tenantHint === null) throw new CodedError("internal");
  return buildProofUrl(consent.proof, request.tenantHint, hop);
}

/** The answer to a hop that brought an error in place of a code. */
async function afterProofError(
  c: Context<AppEnv>,
  deps: ApiDeps,
  consent: Consent,
  request: ProvisionRequest,
  hop: ProofHop,
  { verdict, microsoft }: OAuthErrorQuery,
): Promise<Response> {
  return afterRefusal(c, deps, consent, request, hop, new OAuthRefusal(verdict, { microsoft }));
}

/** Another hop where one can help, a page that waits for the person where it is passing, else the end of the state. */
async function afterRefusal(
  c: Context<AppEnv>,
  deps: ApiDeps,
  consent: Consent,
  request: ProvisionRequest,
  hop: ProofHop,
  refusal: OAuthRefusal,
): Promise<Response> {
  if (request.expiresAt <= new Date()) return answer(c, deps, request);
  const { kind, code, microsoft } = refusal;
  const next = { ...hop, number: hop.number + 1 };
  const end = { status: code === "consent_declined" ? "denied" : "refused", code, microsoft } as const;
  switch (kind) {
    case "needs_person":
      if (hop.prompt === "interactive") return refuse(c, deps, request, end);
      return toProof(c, consent, request, { ...next, prompt: "interactive" });
    case "passes":
    case "spreads":
    case "new_code":
      if (hop.number < hopsUnasked) {
        // What failed at once may need a moment.
        await sleep(hop.number * (kind === "spreads" ? spreadPauseMs : 300));
        return toProof(c, consent, request, next);
      }
      if (kind === "spreads" || hop.number === hopNumberMax) return refuse(c, deps, request, end);
      return laterOrAgain(c, proofUrl(consent, request, next), refusal);
    case "final":
      return refuse(c, deps, request, end);
    default:
      return unreachable(kind);
  }
}

/**
 * One of several equal callbacks redeems the code; the others wait for what it finds. A hop has one code: another one,
 * or one that Microsoft has refused, costs no call and leads to the next hop.
 */
async function redeem(
  c: Context<AppEnv>,
  deps: ApiDeps,
  consent: Consent,
  request: ProvisionRequest,
  hop: ProofHop,
  state: string,
): Promise<Response> {
  if (request.expiresAt <= new Date()) return answer(c, deps, request);
  const ticket = {
    stateHash: hashOf(state),
    codeHash: hashOf(new URL(c.req.url).searchParams.get("code") ?? ""),
    expiresAt: request.expiresAt,
  };
  const turn = await claimOrWait(deps, request, ticket);
  if (turn === "spent") return afterRefusal(c, deps, consent, request, hop, needsNewCode);
  if (turn !== "redeem") return answer(c, deps, turn);
  let proof: TenantProof;
  try {
    proof = await keepProofLease(deps.database, request.id, () =>
      redeemWithRepeats(consent, request, hop, new URL(c.req.url)),
    );
  } catch (error) {
    if (error instanceof OAuthRefusal && error.kind !== "passes" && error.kind !== "spreads")
      await judgeCode(deps.database, ticket.stateHash);
    await releaseProofLease(deps.database, request.id);
    if (error instanceof CodedError && error.code === "provisioning_credential_refused") {
      deps.log.error("Microsoft refuses the provisioning credential", {
        request_id: request.id,
        code: error.code,
      });
      throw error;
    }
    if (error instanceof OAuthRefusal) return afterRefusal(c, deps, consent, request, hop, error);
    if (error instanceof CodedError)
      return refuse(c, deps, request, { status: "refused", code: error.code, microsoft: error.microsoft });
    throw error;
  }
  const confirmHash = hashOf(
    confirmTokenOf(consent.proof.proofKeys.active, request.id, request.browserHash ?? ""),
  );
  const proved =
    (await recordProof(deps.database, request.id, proof, confirmHash)) ??
    (await findRequest(deps.database, request.id)) ??
    request;
  return answer(c, deps, proved);
}

/** The same code again after a hiccup; a refusal of the code itself is not repeated. */
async function redeemWithRepeats(
  consent: Consent,
  request: ProvisionRequest,
  hop: ProofHop,
  url: URL,
): Promise<TenantProof> {
  if (request.tenantHint === null) throw new CodedError("internal");
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await redeemProof(consent.proof, request.tenantHint, hop, url);
    } catch (error) {
      const kind = error instanceof OAuthRefusal ? error.kind : "final";
      if ((kind !== "passes" && kind !== "spreads") || attempt === redeemTries) throw error;
      await sleep(attempt * (kind === "spreads" ? spreadPauseMs : 200));
    }
  }
}

const needsNewCode = new OAuthRefusal({ kind: "new_code", code: "service_unavailable" });

/** `redeem` once this callback may redeem the code; else the request as the callback that redeemed it left it. */
async function claimOrWait(
  deps: ApiDeps,
  request: ProvisionRequest,
  ticket: CodeTicket,
): Promise<"redeem" | "spent" | ProvisionRequest> {
  const { database } = deps;
  const isSpent = async (): Promise<boolean> => (await claimCode(database, ticket, "unleased")) === "spent";
  const endMs = Date.now() + leaseWaitMs;
  for (let when: "free" | "lapsed" = "free"; Date.now() < endMs; when = "lapsed") {
    if (await isSpent()) return "spent";
    if (await claimProofLease(database, request.id, when)) {
      // Whoever held it before may have learnt that the code is no good.
      if (!(await isSpent())) return "redeem";
      await releaseProofLease(database, request.id);
      return "spent";
    }
    const current = (await deps.watcher.row(request.id)) ?? request;
    if (current.status !== "consented") return current;
    await sleep(100);
  }
  throw new CodedError("service_unavailable", undefined, { retryAfterMs: 2000 });
}

/** Burns the state and sends the browser back with the reason. */
async function refuse(
  c: Context<AppEnv>,
  deps: ApiDeps,
  request: ProvisionRequest,
  end: Parameters<typeof endBeforeProof>[2],
): Promise<Response> {
  const ended = await endBeforeProof(deps.database, request.id, end);
  deps.log.info("provision ended before its proof", { request_id: request.id, code: end.code });
  return answer(c, deps, ended ?? (await findRequest(deps.database, request.id)) ?? request);
}

/** What the row says, to the browser: the return URL once it is settled, else the progress page. */
async function answer(c: Context<AppEnv>, deps: ApiDeps, request: ProvisionRequest): Promise<Response> {
  // Still waiting for Microsoft although its answer is here: the time was up, only nobody has written so yet.
  if (request.status === "issued" || request.status === "consented")
    return c.redirect(outcomeUrl(deps, request, { ...request, errorCode: "request_expired" }), 303);
  if (request.binding === "confirm" && !isFinal(request.status)) {
    const url = confirmUrl(deps, request);
    if (url !== undefined) return c.redirect(url, 303);
    if (request.status !== "unconfirmed") throw new CodedError("binding_unavailable");
    return refuse(c, deps, request, { status: "refused", code: "binding_unavailable" });
  }
  // Also when it was proved by an earlier callback whose process died before it got this far.
  if (request.status === "proved") await drive({ ctx: deps, input: { request } });
  const counted = await waitForOutcome(deps, request, deps.config.callbackWaitMs);
  if (isFinal(counted.status)) return c.redirect(outcomeUrl(deps, request, counted), 303);
  return c.redirect(`${deps.config.ssoOrigin}/v1/sso/microsoft/provisions/${request.id}`, 303);
}

/**
 * Back to the dashboard with the one-time value; from there on the dashboard shows the steps itself. Undefined when the
 * host is not listed for confirmation any more: the value goes to nobody else.
 */
function confirmUrl(deps: ApiDeps, request: ProvisionRequest): string | undefined {
  const { browserHash, confirmHash } = request;
  // Recorded by a replica whose active key may be another; its value is the one that the row accepts.
  const token =
    browserHash === null
      ? undefined
      : deps.consent?.proof.proofKeys.all
          .map((key) => confirmTokenOf(key, request.id, browserHash))
          .find((one) => hashOf(one) === confirmHash);
  if (token === undefined) throw new CodedError("internal");
  const { returnHosts, confirmHosts, dashboardUrl } = deps.config;
  const url = buildReturnUrl(request.returnTo, dashboardUrl, returnHosts, {
    request: request.id,
    ms_confirm: token,
  });
  return isConfirmHost(url, confirmHosts) ? url : undefined;
}
