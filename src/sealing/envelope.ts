import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { MasterKeyring } from "../domain/master-keyring.ts";
import { encodeFields } from "./fields.ts";
import { deriveKey } from "./purpose-keys.ts";
import { SecretText } from "../domain/secret-text.ts";

/**
 * The envelope, byte by byte in docs/sealing.md:
 * `version | suite | key id length | key id | wrap nonce | wrapped data key | wrap tag | nonce | ciphertext | tag`.
 */
const version = 1;
const suiteAes256Gcm = 1;
const prefix = "asv1.";
const nonceBytes = 12;
const tagBytes = 16;
const dataKeyBytes = 32;
const envelopeBytesMax = 4096;

export type EnvelopePurpose = "sso-secret" | "transit";

/** What the ciphertext is bound to, in the order written; a secret moved to another row does not open. */
export type SealingContext = readonly string[];

/** An envelope that does not open. The message never holds key, plaintext or ciphertext. */
export class SealingError extends Error {
  override readonly name = "SealingError";
  readonly reason: "malformed" | "unknown_key" | "not_authentic";

  constructor(reason: SealingError["reason"], message: string) {
    super(message);
    this.reason = reason;
  }
}

/**
 * Seals a secret under a fresh data key (AES-256-GCM, SP 800-38D), the data key wrapped by the active master key.
 * A second call gives another envelope of the same secret.
 */
export function seal(
  keyring: MasterKeyring,
  purpose: EnvelopePurpose,
  context: SealingContext,
  secret: SecretText,
): string {
  const keyId = Buffer.from(keyring.activeId, "utf8");
  const dataKey = randomBytes(dataKeyBytes);
  const plaintext = Buffer.from(secret.reveal(), "utf8");
  try {
    const wrapped = encrypt(
      wrappingKey(keyring, keyring.activeId, purpose),
      dataKey,
      wrapContext(purpose, keyring.activeId),
    );
    const body = encrypt(dataKey, plaintext, bodyContext(purpose, context));
    const header = Buffer.from([version, suiteAes256Gcm, keyId.length]);
    return prefix + Buffer.concat([header, keyId, wrapped, body]).toString("base64url");
  } finally {
    dataKey.fill(0);
    plaintext.fill(0);
  }
}

/**
 * Opens an envelope that `seal` made for the same purpose and context.
 * @throws {SealingError} malformed, sealed under a key that is not in the keyring, or not authentic
 */
export function open(
  keyring: MasterKeyring,
  purpose: EnvelopePurpose,
  context: SealingContext,
  sealed: string,
): SecretText {
  const { keyId, wrapped, body } = parseEnvelope(sealed);
  const dataKey = decrypt(wrappingKey(keyring, keyId, purpose), wrapped, wrapContext(purpose, keyId));
  try {
    const plaintext = decrypt(dataKey, body, bodyContext(purpose, context));
    const secret = new SecretText(plaintext.toString("utf8"));
    plaintext.fill(0);
    return secret;
  } finally {
    dataKey.fill(0);
  }
}

/**
 * Wraps the data key under the active master key and leaves the body alone, so no plaintext appears.
 * Returns the envelope unchanged when the active key wraps it already.
 * @throws {SealingError} like `open`
 */
export function rewrap(keyring: MasterKeyring, purpose: EnvelopePurpose, sealed: string): string {
  const { keyId, wrapped, body } = parseEnvelope(sealed);
  if (keyId === keyring.activeId) return sealed;
  const dataKey = decrypt(wrappingKey(keyring, keyId, purpose), wrapped, wrapContext(purpose, keyId));
  try {
    const activeId = Buffer.from(keyring.activeId, "utf8");
    const header = Buffer.from([version, suiteAes256Gcm, activeId.length]);
    const rewrapped = encrypt(
      wrappingKey(keyring, keyring.activeId, purpose),
      dataKey,
      wrapContext(purpose, keyring.activeId),
    );
    return prefix + Buffer.concat([header, activeId, rewrapped, body]).toString("base64url");
  } finally {
    dataKey.fill(0);
  }
}

interface Envelope {
  readonly keyId: string;
  readonly wrapped: Buffer;
  readonly body: Buffer;
}

function parseEnvelope(sealed: string): Envelope {
  const text = sealed.slice(prefix.length);
  const bytes = Buffer.from(text, "base64url");
  // Node ignores stray characters in base64url; comparing the round trip refuses them.
  if (!sealed.startsWith(prefix) || bytes.toString("base64url") !== text || bytes.length > envelopeBytesMax)
    throw malformed();
  const keyIdBytes = bytes[2] ?? 0;
  const wrapStart = 3 + keyIdBytes;
  const bodyStart = wrapStart + nonceBytes + dataKeyBytes + tagBytes;
  if (bytes[0] !== version || bytes[1] !== suiteAes256Gcm || keyIdBytes === 0) throw malformed();
  if (bytes.length <= bodyStart + nonceBytes + tagBytes) throw malformed();
  return {
    keyId: bytes.subarray(3, wrapStart).toString("utf8"),
    wrapped: bytes.subarray(wrapStart, bodyStart),
    body: bytes.subarray(bodyStart),
  };
}

function wrappingKey(keyring: MasterKeyring, keyId: string, purpose: EnvelopePurpose): Buffer {
  const master = keyring.keys.get(keyId);
  if (master === undefined)
    throw new SealingError("unknown_key", "sealed under a master key that is not in the keyring");
  return deriveKey(master, purpose);
}

/** nonce | ciphertext | tag */
function encrypt(key: Buffer, plaintext: Buffer, associatedData: Buffer): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(associatedData);
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Buffer, sealed: Buffer, associatedData: Buffer): Buffer {
  const tagStart = sealed.length - tagBytes;
  // Without authTagLength Node accepts tags of 4 bytes, which can be guessed.
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  });
  decipher.setAAD(associatedData);
  decipher.setAuthTag(sealed.subarray(tagStart));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, tagStart)), decipher.final()]);
  } catch {
    throw new SealingError("not_authentic", "the envelope was altered or belongs to another row");
  }
}

function wrapContext(purpose: EnvelopePurpose, keyId: string): Buffer {
  return encodeFields(["authio/wrap/v1", purpose, keyId]);
}

/** The master key's id stands in the wrap alone, so re-wrapping leaves bodies alone. */
function bodyContext(purpose: EnvelopePurpose, context: SealingContext): Buffer {
  return encodeFields([`authio/${purpose}/v1`, ...context]);
}

function malformed(): SealingError {
  return new SealingError("malformed", "not an envelope of a known version");
}
