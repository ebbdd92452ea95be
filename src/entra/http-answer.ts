import { MicrosoftError, retryAfterMs } from "./microsoft-error.ts";

/** What came back, read to the end. `json` is undefined for HTML, empty, truncated or non-JSON bodies. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly json: unknown;
  readonly retryAfterMs: number | undefined;
}

const bodyCharactersMax = 2_000_000;

/**
 * Sends one request, never follows a redirect and reads the whole body within the time limit.
 * @throws {MicrosoftError} microsoft_unavailable when no complete answer came
 */
export async function readAnswer(
  send: (signal: AbortSignal) => Promise<Response>,
  timeoutMs: number,
  cancelled?: AbortSignal,
): Promise<HttpAnswer> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = cancelled ? AbortSignal.any([timeout, cancelled]) : timeout;
  try {
    const response = await send(signal);
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      json:
        text.length > bodyCharactersMax ? undefined : parseJson(response.headers.get("content-type"), text),
      retryAfterMs: retryAfterMs(response.headers.get("retry-after")),
    };
  } catch (error) {
    throw new MicrosoftError("microsoft_unavailable", { status: 0, reason: socketReason(error, timeout) });
  }
}

function parseJson(contentType: string | null, text: string): unknown {
  if (!/\bjson\b/i.test(contentType ?? "")) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** fetch hides the socket's error two causes deep. */
function socketReason(error: unknown, timeout: AbortSignal): string {
  if (timeout.aborted) return "timeout";
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as { code?: unknown };
    if (typeof code === "string") return code;
  }
  return error instanceof Error ? error.name : "unknown";
}
