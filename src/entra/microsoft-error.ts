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

/** Nothing, and a wrong header must not park a customer for hours. */
const retryAfterBoundsMs = { least: 1000, most: 5 * 60_000 };
const delaySeconds = /^\d+(?:\.\d+)?$/;
const httpDate = /^(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?, .+ GMT$/;

/**
 * `Retry-After` in ms, from seconds or an HTTP date (RFC 9110 section 10.2.3), within bounds: 0 and dates that have
 * passed are seen, and a wait of nothing would be taken for no wait at all. Whatever else it holds counts as absent.
 */
export function retryAfterMs(header: string | null): number | undefined {
  const text = (header ?? "").trim();
  const ms = delaySeconds.test(text)
    ? Number(text) * 1000
    : httpDate.test(text)
      ? Date.parse(text) - Date.now()
      : Number.NaN;
  return Number.isNaN(ms)
    ? undefined
    : Math.min(Math.max(ms, retryAfterBoundsMs.least), retryAfterBoundsMs.most);
}
