import { setTimeout as sleep } from "node:timers/promises";
import { claimCode, type CodeTicket, judgeCode, ticketOf } from "../db/code-redemptions.ts";
import { credentialRefusedForMs } from "../db/credential-breaker.ts";
import { hashOf } from "../db/hash-of.ts";
import {
  claimProofLease,
  keepProofLease,
  recordProof,
  releaseProofLease,
} from "../db/provision-requests/proof.ts";
import type { CredentialBreaker } from "../domain/credential-breaker.ts";
import type { ProvisionRequestId } from "../domain/ids.ts";
import { monotonicMs } from "../domain/monotonic-ms.ts";
import type { ProvisionRequest } from "../domain/provision-request.ts";
import { unreachable } from "../domain/unreachable.ts";
import type { HopCode } from "../entra/consent-answer.ts";
import { type ProofResult, type ProofSettings, redeemProof } from "../entra/consent-proof.ts";
import { isOfCredential } from "../entra/own-credential.ts";
import { confirmTokenOf } from "../entra/proof-hop.ts";
import type { ConsentedRequest } from "../domain/consented-request.ts";
import type { OperationsContext } from "./context.ts";

/** What came of a code: what Microsoft and we found, or that it was not this callback's turn to ask. */
export type ConsentProof =
  | Exclude<ProofResult, { kind: "proved" }>
  /** Proved, by this callback or an equal one; or ended meanwhile. */
  | { readonly kind: "moved_on"; readonly request: ProvisionRequest }
  /** The hop has had another code, or one that was judged: another hop brings a good one. */
  | { readonly kind: "spent" }
  /** An equal callback is still asking. */
  | { readonly kind: "in_hand" };

interface Context extends Pick<OperationsContext, "database" | "clock"> {
  readonly proof: ProofSettings;
  readonly breaker: Pick<CredentialBreaker, "refused" | "close">;
  /** The row as it was a moment ago; those who wait share the look. */
  readonly look: (id: ProvisionRequestId) => Promise<ProvisionRequest | undefined>;
}

const redeemTries = 3;
const tryAgainPauseMs = { passes: 200, spreads: 1000 } as const;
const turnWaitMs = 15_000;
const lookEveryMs = 100;

/**
 * Redeems the code of a hop and records what it proved. One of several equal callbacks asks Microsoft; the others wait
 * for what it finds. A hop has one code: another, or one that was judged, costs no call. What Microsoft says of our own
 * credential on the way is told to its breaker: a person who waits is a try of its own.
 * @throws {DatabaseError} the code may be sent again then
 */
export async function proveConsent({
  ctx,
  input,
}: {
  ctx: Context;
  input: { readonly request: ConsentedRequest; readonly brought: HopCode };
}): Promise<ConsentProof> {
  const { database, proof, breaker } = ctx;
  const { request, brought } = input;
  const ticket = ticketOf(brought.values.state, brought.code, request.expiresAt);
  const turn = await awaitTurn(ctx, request, ticket);
  if (turn.kind !== "ours") return turn;
  // Looked at while Microsoft is asked.
  const wasRefused = credentialRefusedForMs(database).then(
    (ms) => ms !== undefined,
    () => false,
  );
  const result = await keepProofLease(database, request.id, () => redeemPatiently(proof, request, brought));
  switch (result.kind) {
    case "proved": {
      const confirmHash = hashOf(
        confirmTokenOf(proof.proofKeys.active, request.id, request.browserHash ?? ""),
      );
      const proved = await recordProof(database, request.id, result.proof, confirmHash);
      if (await wasRefused) await breaker.close();
      return { kind: "moved_on", request: proved };
    }
    case "judged":
      // What is final ends the request next. Until then the lease stays, so that equal callbacks get that answer.
      if (result.refusal.kind === "final") return result;
      await judgeCode(database, ticket.stateHash);
      break;
    case "undecided":
    case "credential_refused":
      break;
    default:
      return unreachable(result);
  }
  await releaseProofLease(database, request.id);
  if (result.kind === "credential_refused" && isOfCredential(result.refusal.code, result.refusal.microsoft))
    await breaker.refused(request.tenantHint);
  return result;
}

type Turn = { readonly kind: "ours" } | Extract<ConsentProof, { kind: "moved_on" | "spent" | "in_hand" }>;

async function awaitTurn(ctx: Context, request: ConsentedRequest, ticket: CodeTicket): Promise<Turn> {
  const { database, look, clock } = ctx;
  const isSpent = async (): Promise<boolean> => (await claimCode(database, ticket, "unleased")) === "spent";
  const endMs = monotonicMs() + turnWaitMs;
  // One that gave its lease back has decided what comes next: those who wait take it only from one that died.
  for (let when: "free" | "lapsed" = "free"; monotonicMs() < endMs; when = "lapsed") {
    if (await isSpent()) return { kind: "spent" };
    if (await claimProofLease(database, request.id, when)) {
      // Whoever held it before may have learnt that the code is no good.
      if (!(await isSpent())) return { kind: "ours" };
      await releaseProofLease(database, request.id);
      return { kind: "spent" };
    }
    const current = (await look(request.id)) ?? request;
    if (current.status !== "consented" || current.expiresAt <= clock.now())
      return { kind: "moved_on", request: current };
    await sleep(lookEveryMs);
  }
  return { kind: "in_hand" };
}

/** The same code again after what decided nothing. */
async function redeemPatiently(
  proof: ProofSettings,
  { tenantHint }: ConsentedRequest,
  brought: HopCode,
): Promise<ProofResult> {
  for (let attempt = 1; ; attempt += 1) {
    const result = await redeemProof(proof, tenantHint, brought);
    if (result.kind !== "undecided" || attempt === redeemTries) return result;
    await sleep(attempt * tryAgainPauseMs[result.refusal.kind]);
  }
}
