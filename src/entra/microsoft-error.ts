import { CodedError } from "../domain/coded-error.ts";
import type { ErrorCode } from "../domain/error-codes.ts";
import type { MicrosoftReference } from "../domain/microsoft-codes.ts";

export interface MicrosoftErrorFacts {
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** Graph `error.code`, OAuth `error`, or the socket's code. */
  readonly reason?: string | undefined;
  readonly aadsts?: number | undefined;
  /** Microsoft's id of the call, for their support. */
  readonly correlationId?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

/** What Microsoft did, classified. The message holds codes and ids, never a body. */
export class MicrosoftError extends CodedError {
  override readonly name = "MicrosoftError";
  readonly facts: MicrosoftErrorFacts;

  constructor(code: ErrorCode, facts: MicrosoftErrorFacts) {
    super(code, describe(facts), { retryAfterMs: facts.retryAfterMs, microsoft: referenceOf(facts) });
    this.facts = facts;
  }
}

const wordsOnly = (text: string): string => text.replace(/[^\w.-]/g, "").slice(0, 80);

function referenceOf({ aadsts, reason, correlationId }: MicrosoftErrorFacts): MicrosoftReference | undefined {
  const code = aadsts === undefined ? wordsOnly(reason ?? "") : `AADSTS${aadsts}`;
  if (code === "") return undefined;
  return { code, ...(correlationId === undefined ? {} : { correlationId: wordsOnly(correlationId) }) };
}

function describe(facts: MicrosoftErrorFacts): string {
  return [
    facts.status === 0 ? "no answer" : `HTTP ${facts.status}`,
    facts.reason === undefined ? undefined : wordsOnly(facts.reason),
    facts.aadsts === undefined ? undefined : `AADSTS${facts.aadsts}`,
    facts.correlationId === undefined ? undefined : `correlation ${wordsOnly(facts.correlationId)}`,
  ]
    .filter((part) => part !== undefined && part !== "")
    .join(", ");
}

/** Waits longer than this are cut: a wrong header must not park a customer for hours. */
const retryAfterMaxMs = 5 * 60_000;

/** `Retry-After` in ms, from seconds or an HTTP date (RFC 9110 section 10.2.3). */
export function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), retryAfterMaxMs) : undefined;
}
