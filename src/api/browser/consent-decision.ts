import type { RequestEnd } from "../../db/provision-requests/consent.ts";
import { type ConsentedRequest, isConsented } from "../../domain/consented-request.ts";
import type { EntraTenantId } from "../../domain/ids.ts";
import { isFinal, isUnproved, type ProvisionRequest } from "../../domain/provision-request.ts";
import { unreachable } from "../../domain/unreachable.ts";
import type { HopCode, ConsentAnswer } from "../../entra/consent-answer.ts";
import type { Judgement } from "../../entra/judge-answer.ts";
import { hopNumberMax, type ProofHop } from "../../entra/proof-hop.ts";
import type { ConsentProof } from "../../operations/prove-consent.ts";

/** The browser that is here. */
export interface CallbackBrowser {
  /** Its cookie is the one that the row knows. */
  readonly isStarter: boolean;
  /** It was told at this very address that a failure passes. */
  readonly wasTold: boolean;
}

/** Everything that a callback can lead to. */
export type Decision =
  | { readonly kind: "malformed" }
  | { readonly kind: "unknown_state" }
  /** Burns the state, so that what the address bar holds is worth nothing to whoever sent the link. */
  | { readonly kind: "wrong_browser"; readonly request: ProvisionRequest }
  /** Still waiting for Microsoft although its answer is here: the time was up. */
  | { readonly kind: "expired"; readonly request: ProvisionRequest }
  | {
      readonly kind: "record_consent";
      readonly request: ProvisionRequest;
      readonly tenantHint: EntraTenantId;
    }
  | {
      readonly kind: "hop";
      readonly request: ConsentedRequest;
      readonly hop: ProofHop;
      /** What failed at once may need a moment. */
      readonly pauseMs: number;
    }
  | { readonly kind: "redeem"; readonly request: ConsentedRequest; readonly brought: HopCode }
  /** An equal callback asks Microsoft, and takes its time. */
  | { readonly kind: "in_hand" }
  /** Passes by itself, but not at this address, since the failure stands in its query: said, and remembered. */
  | { readonly kind: "tell"; readonly refusal: Judgement }
  | { readonly kind: "consent_again"; readonly state: string }
  | { readonly kind: "credential_refused"; readonly request: ProvisionRequest; readonly refusal: Judgement }
  | { readonly kind: "end"; readonly request: ProvisionRequest; readonly end: RequestEnd }
  /** Proved with confirm binding: back to the dashboard, whose session vouches for this browser. */
  | { readonly kind: "confirm"; readonly request: ProvisionRequest }
  /** Pressed at a setup link: its page says how it stands, and asks the administrator who proved. */
  | { readonly kind: "setup_link"; readonly request: ProvisionRequest }
  /** Proved just now, or by an earlier callback whose process died before it got this far. */
  | { readonly kind: "begin_run"; readonly request: ProvisionRequest }
  /** Under way or settled: the same answer to each repeat. */
  | { readonly kind: "follow"; readonly request: ProvisionRequest };

/** How often a passing failure is answered by another hop, unasked; further ones are for the person to ask for. */
const hopsUnasked = 3;
/** A new consent reaches all of Microsoft's servers within seconds. */
const pauseMs = { passes: 300, new_code: 300, spreads: 1000 } as const;

/** Decides about one callback. Pure: reads nothing, writes nothing, never throws. */
export function decide(
  answer: ConsentAnswer,
  request: ProvisionRequest | undefined,
  browser: CallbackBrowser,
  now: Date,
): Decision {
  if (answer.kind === "malformed") return answer;
  if (answer.kind === "forged" || !request) return { kind: "unknown_state" };
  if (isBrowserKnown(request) && !browser.isStarter) return { kind: "wrong_browser", request };
  switch (answer.kind) {
    case "consented":
      return request.status === "issued" && !isOver(request, now)
        ? { kind: "record_consent", request, tenantHint: answer.tenantHint }
        : decideConsented(request, answer.tenantHint, now);
    case "consent_refused":
      // Also after a consent: whoever goes back and declines has the last word until the proof.
      if (!isWaiting(request) || isOver(request, now)) return decideStanding(request);
      if (answer.refusal.kind !== "passes") return endWith(request, "denied", answer.refusal);
      return browser.wasTold
        ? { kind: "consent_again", state: answer.state }
        : { kind: "tell", refusal: answer.refusal };
    case "code":
      return isConsented(request) && !isOver(request, now)
        ? { kind: "redeem", request, brought: answer.brought }
        : decideStanding(request);
    case "proof_refused":
      return decideRefusal(request, answer.hop, answer.refusal, browser, now);
    default:
      return unreachable(answer);
  }
}

/** Goes on from the row as the consent has left it: what was recorded may be another callback's. */
export function decideConsented(request: ProvisionRequest, tenantHint: EntraTenantId, now: Date): Decision {
  if (isUnproved(request.status) && request.tenantHint !== null && request.tenantHint !== tenantHint)
    return endWith(request, "refused", { code: "tenant_mismatch" });
  if (!isConsented(request) || isOver(request, now)) return decideStanding(request);
  return { kind: "hop", request, hop: { requestId: request.id, number: 0, prompt: "silent" }, pauseMs: 0 };
}

/** Goes on from what came of a code. */
export function decideProof(
  proof: ConsentProof,
  request: ConsentedRequest,
  hop: ProofHop,
  browser: CallbackBrowser,
  now: Date,
): Decision {
  switch (proof.kind) {
    case "moved_on":
      return decideStanding(proof.request);
    case "in_hand":
      return proof;
    case "credential_refused":
      return { kind: "credential_refused", request, refusal: proof.refusal };
    case "spent":
      return decideRefusal(request, hop, { kind: "new_code", code: "service_unavailable" }, browser, now);
    case "judged":
    case "undecided":
      return decideRefusal(request, hop, proof.refusal, browser, now);
    default:
      return unreachable(proof);
  }
}

/** Another hop where one can help, a page that waits for the person where it passes, else the end of the state. */
function decideRefusal(
  request: ProvisionRequest,
  hop: ProofHop,
  refusal: Judgement,
  browser: CallbackBrowser,
  now: Date,
): Decision {
  if (!isConsented(request) || isOver(request, now)) return decideStanding(request);
  const status = refusal.code === "consent_declined" ? "denied" : "refused";
  const end = endWith(request, status, refusal);
  if (refusal.kind === "final" || hop.number >= hopNumberMax) return end;
  const next = { ...hop, number: hop.number + 1 };
  if (refusal.kind === "needs_person")
    return hop.prompt === "interactive"
      ? end
      : { kind: "hop", request, hop: { ...next, prompt: "interactive" }, pauseMs: 0 };
  if (hop.number < hopsUnasked)
    return { kind: "hop", request, hop: next, pauseMs: hop.number * pauseMs[refusal.kind] };
  if (refusal.kind === "spreads") return end;
  return browser.wasTold ? { kind: "hop", request, hop: next, pauseMs: 0 } : { kind: "tell", refusal };
}

/** What the row says by itself. */
export function decideStanding(request: ProvisionRequest): Decision {
  if (request.binding === "setup_link") return { kind: "setup_link", request };
  if (isWaiting(request)) return { kind: "expired", request };
  if (request.binding === "confirm" && !isFinal(request.status)) return { kind: "confirm", request };
  return { kind: request.status === "proved" ? "begin_run" : "follow", request };
}

/** With confirm binding the browser that brings the consent is the one that goes on; before it, none is known. */
function isBrowserKnown({ binding, browserHash }: ProvisionRequest): boolean {
  return binding !== "confirm" || browserHash !== null;
}

function isWaiting({ status }: ProvisionRequest): boolean {
  return status === "issued" || status === "consented";
}

function isOver({ expiresAt }: ProvisionRequest, now: Date): boolean {
  return expiresAt <= now;
}

function endWith(
  request: ProvisionRequest,
  status: RequestEnd["status"],
  { code, microsoft }: Pick<Judgement, "code" | "microsoft">,
): Decision {
  return { kind: "end", request, end: { status, code, microsoft } };
}
