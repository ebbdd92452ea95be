import { type AttentionCode, attentionCodes, factsOfAttention } from "./attention.ts";
import type { ErrorCode } from "./error-codes.ts";

/** Something that needs a person, and since when it is known. ISO-8601 UTC, as it stands in the row. */
export interface AttentionReason {
  readonly code: AttentionCode;
  readonly since: string;
}

/** What looks at a connection's application have found. Times are `Date`s in UTC. */
export interface ConnectionHealth {
  /** When Microsoft last told all of it; null: never yet. */
  readonly lookedAt: Date | null;
  /** Seen once, by the last look. */
  readonly suspected: readonly AttentionCode[];
  /** Seen by two looks in a row, and since then by each. */
  readonly reasons: readonly AttentionReason[];
  /** Why the last look learned nothing; null after one that did. */
  readonly errorCode: ErrorCode | null;
}

/** The part that a look that learned everything decides. */
export type Findings = Pick<ConnectionHealth, "suspected" | "reasons">;

/**
 * What holds after a look. Microsoft's reads lag, so one look only suspects; what the next one sees too is a reason.
 * What a look does not see is over. Pure.
 */
export function findingsAfter(before: Findings, seen: readonly AttentionCode[], now: Date): Findings {
  const sinceOf = (code: AttentionCode): string | undefined =>
    before.reasons.find((reason) => reason.code === code)?.since ??
    (before.suspected.includes(code) ? now.toISOString() : undefined);
  const ordered = attentionCodes.filter((code) => seen.includes(code));
  const reasons = ordered.flatMap((code) => {
    const since = sinceOf(code);
    return since === undefined ? [] : [{ code, since }];
  });
  return { reasons, suspected: ordered.filter((code) => sinceOf(code) === undefined) };
}

/** What is left once the directory was connected again. */
export function findingsAfterConnecting({ reasons }: Findings): Findings {
  return {
    suspected: [],
    reasons: reasons.filter(({ code }) => !factsOfAttention(code).isMendedByConnecting),
  };
}

export function sameReasons(one: Findings, other: Findings): boolean {
  const codesOf = ({ reasons }: Findings): string => reasons.map(({ code }) => code).join(" ");
  return codesOf(one) === codesOf(other);
}
