import { type ErrorCode, factsOf } from "./error-codes.ts";
import type { FieldError } from "./field-error.ts";
import type { MicrosoftReference } from "./microsoft-codes.ts";

/**
 * A failure with a code from the closed table. `message` is for operators and holds ids, codes and numbers only;
 * what people read comes from the table.
 */
export class CodedError extends Error {
  override readonly name: string = "CodedError";
  readonly code: ErrorCode;
  /** How long the other side asked us to wait, in ms. */
  readonly retryAfterMs: number | undefined;
  /** What Microsoft called it, where Microsoft said something. */
  readonly microsoft: MicrosoftReference | undefined;
  /** Which parts of the call are wrong, and how. */
  readonly errors: readonly FieldError[] | undefined;

  constructor(
    code: ErrorCode,
    message?: string,
    options: {
      retryAfterMs?: number | undefined;
      microsoft?: MicrosoftReference | undefined;
      errors?: readonly FieldError[] | undefined;
    } = {},
  ) {
    super(message === undefined ? factsOf(code).title : `${factsOf(code).title}: ${message}`);
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
    this.microsoft = options.microsoft;
    this.errors = options.errors;
  }
}
