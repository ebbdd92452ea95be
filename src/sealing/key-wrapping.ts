/** What an envelope is for; its data key is wrapped for this and nothing else. */
export type EnvelopePurpose = "sso-secret" | "transit" | "signing-key" | "webhook-secret";

export interface WrappedKey {
  /** The master key that wrapped it: 1 to 255 bytes of UTF-8. */
  readonly keyId: string;
  readonly wrapped: Buffer;
}

/**
 * Where the master keys are. The environment is the first such place (`environment-key-wrapping.ts`), a cloud's key
 * service can be another. What it knows to be final it rejects with a `SealingError`; any other rejection counts as an
 * outage, which passes. It bounds the time of its calls itself.
 */
export interface KeyWrapping {
  /** The key that wraps from now on. */
  readonly activeKeyId: string;
  /** Wraps a data key of 32 bytes under the active key. Repeat: another wrap of the same key. */
  wrap(dataKey: Buffer, purpose: EnvelopePurpose): Promise<WrappedKey>;
  /** Gives the data key back. @throws {SealingError} unknown_key, not_authentic */
  unwrap(given: WrappedKey, purpose: EnvelopePurpose): Promise<Buffer>;
}
