import type { Telemetry } from "../domain/telemetry.ts";
import { withTimeLimit } from "../domain/time-limit.ts";
import { AnswerTooLongError, readText } from "./bounded-fetch.ts";
import { microsoftIds } from "./microsoft-ids.ts";
import { MicrosoftError, retryAfterMs } from "./microsoft-error.ts";

/** What came back. `json` is undefined for HTML, empty, truncated, overlong or non-JSON bodies. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly json: unknown;
  readonly retryAfterMs: number | undefined;
}

/** What is called, in a name without ids, and who watches. */
export interface WatchedCall {
  readonly name: string;
  readonly telemetry: Telemetry;
}

/**
 * Sends one request, never follows a redirect and reads the body within both limits.
 * @throws {MicrosoftError} microsoft_unavailable when no complete answer came
 */
export function readAnswer(
  { name, telemetry }: WatchedCall,
  send: (signal: AbortSignal) => Promise<Response>,
  limits: { timeoutMs: number; bytesMax: number },
  cancelled?: AbortSignal,
): Promise<HttpAnswer> {
  return telemetry.around({ kind: "microsoft", name }, (end) =>
    withTimeLimit({ ms: limits.timeoutMs, cancelled }, async ({ signal, isOver }) => {
      try {
        const response = await send(signal);
        const text = await readText(response, limits.bytesMax).catch(emptyIfTooLong);
        end(response.status, microsoftIds(response.headers));
        return {
          status: response.status,
          headers: response.headers,
          json: parseJson(response.headers.get("content-type"), text),
          retryAfterMs: retryAfterMs(response.headers.get("retry-after")),
        };
      } catch (error) {
        end(0);
        const reason = isOver() ? "timeout" : socketReason(error);
        throw new MicrosoftError("microsoft_unavailable", { status: 0, reason });
      }
    }),
  );
}

/** The status came whole and says what happened; the body counts as one that cannot be read. */
function emptyIfTooLong(error: unknown): string {
  if (error instanceof AnswerTooLongError) return "";
  throw error;
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
function socketReason(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as { code?: unknown };
    if (typeof code === "string") return code;
  }
  return error instanceof Error ? error.name : "unknown";
}
