import { z } from "zod";
import type { ErrorCode } from "../domain/error-codes.ts";
import { graphCodes } from "../domain/microsoft-codes.ts";
import type { HttpAnswer } from "./http-answer.ts";
import { MicrosoftError } from "./microsoft-error.ts";

const errorBody = z.object({
  error: z.object({
    code: z.string().nullish(),
    message: z.unknown(),
    innerError: z.object({ "request-id": z.string().optional() }).optional(),
    innererror: z.object({ "request-id": z.string().optional() }).optional(),
  }),
});

/** Statuses after which a repeat makes sense whatever the body says. */
const transientStatuses = new Set([408, 409, 412, 423, 424]);

/**
 * Classifies a refusal of Graph. 404 means replication lag here, since every id that this flow uses was given by
 * Graph itself. A 403 means the same of permissions, since the token's role was looked at before it was used: roles and
 * ownership spread for some seconds after a consent or a creation. A policy's refusal does not pass.
 * @see https://learn.microsoft.com/graph/errors (read November 2026)
 */
export function toGraphError(answer: HttpAnswer): MicrosoftError {
  const parsed = errorBody.safeParse(answer.json);
  const error = parsed.success ? parsed.data.error : undefined;
  return new MicrosoftError(
    classify(
      answer.status,
      error?.code ?? undefined,
      typeof error?.message === "string" ? error.message : "",
    ),
    {
      status: answer.status,
      reason: error?.code ?? undefined,
      correlationId:
        error?.innerError?.["request-id"] ??
        error?.innererror?.["request-id"] ??
        answer.headers.get("request-id") ??
        undefined,
      retryAfterMs: answer.retryAfterMs,
    },
  );
}

function classify(status: number, code: string | undefined, message: string): ErrorCode {
  if (status === 429) return "microsoft_throttled";
  if (status >= 500 || transientStatuses.has(status))
    return graphCodes[code ?? ""]?.run === "microsoft_throttled"
      ? "microsoft_throttled"
      : "microsoft_unavailable";
  // The replication text comes as 400 too, where an object is referred to in a body.
  if (status === 400 && /queried reference-property objects are not present/.test(message))
    return "application_not_ready";
  const known = code === undefined ? undefined : graphCodes[code]?.run;
  if (known !== undefined) return known;
  if (status === 404) return "application_not_ready";
  if (status === 401) return "consent_not_effective";
  if (status === 403 && code !== undefined)
    return /policy/i.test(code) ? "permission_denied" : "permission_not_effective";
  // HTML and empty bodies come from something in between, not from Graph.
  if (code === undefined) return "microsoft_unavailable";
  return "microsoft_refused_request";
}
