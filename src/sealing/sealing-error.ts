import { CodedError } from "../domain/coded-error.ts";

const codeOfReason = {
  malformed: "internal",
  not_authentic: "internal",
  unknown_key: "sealing_key_unavailable",
  key_unreachable: "sealing_key_unavailable",
} as const;

/**
 * An envelope that does not open, or a master key that could not be asked: the latter, and a key that is not there
 * yet, may pass. The message never holds key, plaintext, ciphertext or a key service's words.
 */
export class SealingError extends CodedError {
  override readonly name = "SealingError";
  readonly reason: keyof typeof codeOfReason;

  constructor(reason: SealingError["reason"], message: string) {
    super(codeOfReason[reason], message);
    this.reason = reason;
  }
}
