import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "../db/client.ts";
import { claimCode, type CodeTicket, judgeCode, keepCodeLease, releaseCode } from "../db/code-redemptions.ts";
import { DatabaseError } from "../db/database-error.ts";
import { CodedError } from "../domain/coded-error.ts";
import { factsOf } from "../domain/error-codes.ts";
import type { EqualCallbacks } from "./equal-callbacks.ts";
import type { Redeemer, RedemptionGate } from "./redemption-gate.ts";
import { monotonicMs } from "../domain/monotonic-ms.ts";

const lookEveryMs = 100;
const waitMs = 15_000;
const retryMs = 2000;

/** Which callbacks are equal. */
export const sameCode = ({ stateHash, codeHash }: Pick<CodeTicket, "stateHash" | "codeHash">): string =>
  stateHash + codeHash;

/**
 * Sends the code of a state to Microsoft: one code for each state, by one process at a time, and never again once it
 * was judged. Equal callbacks that meet in this process get one answer. What passes leaves the code good.
 * @returns what `redeem` gives; throws what it throws, and
 * {CodedError} signin_state_invalid (spent), service_unavailable, too_many_refused_codes
 */
export function createRedeemOnce<T>(
  database: Database,
  gate: RedemptionGate,
  callbacks: Pick<EqualCallbacks<T>, "share">,
): (ticket: CodeTicket, redeemer: Redeemer, redeem: () => Promise<T>) => Promise<T> {
  async function claimOrWait(ticket: CodeTicket): Promise<void> {
    const endMs = monotonicMs() + waitMs;
    for (;;) {
      const claim = await claimCode(database, ticket, "leased");
      if (claim === "claimed") return;
      if (claim === "spent") throw new CodedError("signin_state_invalid");
      if (monotonicMs() > endMs)
        throw new CodedError("service_unavailable", undefined, { retryAfterMs: retryMs });
      await sleep(lookEveryMs);
    }
  }

  async function claimAndRedeem(
    ticket: CodeTicket,
    redeemer: Redeemer,
    redeem: () => Promise<T>,
  ): Promise<T> {
    const { stateHash } = ticket;
    await claimOrWait(ticket);
    try {
      const result = await keepCodeLease(database, stateHash, () => gate.enter(redeemer, redeem));
      // Microsoft takes a code once, so an answer that cannot be noted is given all the same.
      await judgeCode(database, stateHash).catch(() => undefined);
      return result;
    } catch (error) {
      if (statusOf(error) < 500 && !passes(error)) gate.countRefusal(redeemer);
      await (passes(error) ? releaseCode : judgeCode)(database, stateHash).catch(() => undefined);
      throw error;
    }
  }

  return (ticket, redeemer, redeem) =>
    callbacks.share(sameCode(ticket), () => claimAndRedeem(ticket, redeemer, redeem), passes);
}

const passes = (error: unknown): boolean => [429, 503].includes(statusOf(error));

function statusOf(error: unknown): number {
  if (error instanceof DatabaseError && !error.isFinal) return 503;
  return error instanceof CodedError ? factsOf(error.code).httpStatus : 500;
}
