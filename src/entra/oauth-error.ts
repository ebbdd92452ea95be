import { aadstsCodes } from "../domain/aadsts-codes.ts";
import type { MicrosoftReference } from "../domain/microsoft-codes.ts";

/** An OAuth error as Microsoft gave it, in an answer of the token endpoint or in the query of a redirect. */
export interface OAuthError {
  /** HTTP status of the answer; absent when the browser brought it. */
  readonly status?: number;
  /** `error`; absent where the answer could not be read. */
  readonly word: string | undefined;
  /** All AADSTS numbers, in the order given. */
  readonly numbers: readonly number[];
  /** `error_subcode=cancel`: the person pressed Cancel, which comes without a number. */
  readonly isCancelled?: true;
  readonly correlationId?: string | undefined;
}

/** Reads `error`, `error_codes`, `error_description` and the rest, from a JSON body; what is malformed counts as absent. */
export function readOAuthError(status: number, body: unknown): OAuthError {
  const fields = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const codes = Array.isArray(fields["error_codes"]) ? fields["error_codes"] : [fields["error_codes"]];
  return { status, ...read(textOf(fields), codes) };
}

/** The same from the query of a redirect; undefined when it reports no error. */
export function readOAuthRedirect(query: URLSearchParams): OAuthError | undefined {
  if (query.get("error") === null) return undefined;
  const error = read((name) => query.get(name) ?? "", []);
  return query.get("error_subcode") === "cancel" ? { ...error, isCancelled: true } : error;
}

/** Every state of ours ends in 256 bits of base64url; behind them stands what no state has in it. */
const withTitle = /^((?:[\w-]+\.){0,2}[\w-]{43}).*[^\w.-]/s;

/**
 * The state as it was sent: Microsoft has been seen appending the title of its page after an account was picked, which
 * it writes in the person's language.
 */
export function stateOfAnswer(query: URLSearchParams): string {
  const given = query.get("state") ?? "";
  return withTitle.exec(given)?.[1] ?? given;
}

const textOf = (fields: Record<string, unknown>) => (name: string) => {
  const value = fields[name];
  return typeof value === "string" ? value : "";
};

const numbersMax = 8;

function read(text: (name: string) => string, codes: readonly unknown[]): OAuthError {
  const description = text("error_description");
  const found = [
    ...codes,
    ...Array.from(description.matchAll(/AADSTS(\d{4,8})\b/g), ([, number]) => number),
    /[?&]code=(\d{4,8})\b/.exec(text("error_uri"))?.[1],
  ].map(Number);
  const correlationId = [text("correlation_id"), /Correlation ID: ?([0-9a-f-]{36})/i.exec(description)?.[1]]
    .map((id) => id?.toLowerCase() ?? "")
    .find((id) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id));
  return {
    word: /^[\w.-]{1,80}$/.exec(text("error"))?.[0],
    numbers: [...new Set(found.filter((number) => Number.isSafeInteger(number) && number >= 1000))].slice(
      0,
      numbersMax,
    ),
    correlationId,
  };
}

/** What Microsoft called it, by the number that decided; undefined where it gave none. */
export function referenceOf({ numbers, correlationId }: OAuthError): MicrosoftReference | undefined {
  const number = decidingNumber(numbers);
  return number === undefined ? undefined : { code: `AADSTS${number}`, correlationId };
}

/** Of several numbers one that passes, else one that says why, else one that says "refused"; at last an unknown one. */
export function decidingNumber(numbers: readonly number[]): number | undefined {
  const known = numbers.filter((number) => aadstsCodes[number] !== undefined);
  return (
    known.find((number) => aadstsCodes[number]?.helps === "passes") ??
    known.find((number) => !aadstsCodes[number]?.isGeneric) ??
    known[0] ??
    numbers[0]
  );
}
