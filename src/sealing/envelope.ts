import { randomBytes } from "node:crypto";
import { SecretText } from "../domain/secret-text.ts";
import { decrypt, encrypt, keyBytes, overheadBytes } from "./aes-gcm.ts";
import { encodeFields } from "./fields.ts";
import type { EnvelopePurpose, KeyWrapping, WrappedKey } from "./key-wrapping.ts";
import { SealingError } from "./sealing-error.ts";

/**
 * The envelope, byte by byte in docs/sealing.md:
 * `version | suite | key id length | key id | wrap nonce | wrapped data key | wrap tag | nonce | ciphertext | tag`.
 */
const version = 1;
const suiteAes256Gcm = 1;
const prefix = "asv1.";
const wrappedBytes = keyBytes + overheadBytes;
const envelopeBytesMax = 4096;

/** What the ciphertext is bound to, in the order written; a secret moved to another row does not open. */
export type SealingContext = readonly string[];

/**
 * Seals a secret under a fresh data key, which the active master key wraps. A second call gives another envelope of
 * the same secret.
 * @throws {SealingError} key_unreachable
 */
export async function seal(
  keys: KeyWrapping,
  purpose: EnvelopePurpose,
  context: SealingContext,
  secret: SecretText,
): Promise<string> {
  return (await prepareSeal(keys, purpose))(context, secret);
}

/**
 * Has a fresh data key wrapped and gives what seals one secret with it, in memory: for a secret that must not be made
 * before it is certain that it can be sealed.
 * @throws {SealingError} key_unreachable
 */
export async function prepareSeal(
  keys: KeyWrapping,
  purpose: EnvelopePurpose,
): Promise<(context: SealingContext, secret: SecretText) => string> {
  const dataKey = randomBytes(keyBytes);
  const wrap = await wrapWith(keys, dataKey, purpose);
  let isUsed = false;
  return (context, secret) => {
    // It is wiped after its use, and a wiped key is one that everybody knows.
    if (isUsed) throw new TypeError("a data key seals one secret");
    isUsed = true;
    const plaintext = Buffer.from(secret.reveal(), "utf8");
    try {
      return writeEnvelope(wrap, encrypt(dataKey, plaintext, bodyContext(purpose, context)));
    } finally {
      dataKey.fill(0);
      plaintext.fill(0);
    }
  };
}

/**
 * Opens an envelope that was sealed for the same purpose and context.
 * @throws {SealingError} malformed, sealed under a key that is not in the keyring, not authentic, or key_unreachable
 */
export async function open(
  keys: KeyWrapping,
  purpose: EnvelopePurpose,
  context: SealingContext,
  sealed: string,
): Promise<SecretText> {
  const { wrap, body } = parseEnvelope(sealed);
  const dataKey = await asked(keys.unwrap(wrap, purpose));
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
export async function rewrap(keys: KeyWrapping, purpose: EnvelopePurpose, sealed: string): Promise<string> {
  const { wrap, body } = parseEnvelope(sealed);
  if (wrap.keyId === keys.activeKeyId) return sealed;
  const dataKey = await asked(keys.unwrap(wrap, purpose));
  try {
    return writeEnvelope(await wrapWith(keys, dataKey, purpose), body);
  } finally {
    dataKey.fill(0);
  }
}

/** The id of the master key that an envelope is wrapped under. @throws {SealingError} malformed */
export function keyIdOf(sealed: string): string {
  return parseEnvelope(sealed).wrap.keyId;
}

/** What a key service says in its trouble is dropped: it may hold anything. */
async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof SealingError) throw error;
    throw new SealingError("key_unreachable", "the master key could not be asked");
  }
}

async function wrapWith(keys: KeyWrapping, dataKey: Buffer, purpose: EnvelopePurpose): Promise<WrappedKey> {
  const wrap = await asked(keys.wrap(dataKey, purpose));
  const idBytes = Buffer.byteLength(wrap.keyId, "utf8");
  // Another length would need another suite; what is written here must open.
  if (wrap.wrapped.length !== wrappedBytes || idBytes === 0 || idBytes > 255)
    throw new RangeError("a wrap that this suite cannot hold");
  return wrap;
}

function writeEnvelope({ keyId, wrapped }: WrappedKey, body: Buffer): string {
  const id = Buffer.from(keyId, "utf8");
  const header = Buffer.from([version, suiteAes256Gcm, id.length]);
  return prefix + Buffer.concat([header, id, wrapped, body]).toString("base64url");
}

function parseEnvelope(sealed: string): { wrap: WrappedKey; body: Buffer } {
  const text = sealed.slice(prefix.length);
  const bytes = Buffer.from(text, "base64url");
  // Node ignores stray characters in base64url; comparing the round trip refuses them.
  if (!sealed.startsWith(prefix) || bytes.toString("base64url") !== text || bytes.length > envelopeBytesMax)
    throw malformed();
  const keyIdBytes = bytes[2] ?? 0;
  const wrapStart = 3 + keyIdBytes;
  const bodyStart = wrapStart + wrappedBytes;
  if (bytes[0] !== version || bytes[1] !== suiteAes256Gcm || keyIdBytes === 0) throw malformed();
  if (bytes.length <= bodyStart + overheadBytes) throw malformed();
  return {
    wrap: {
      keyId: bytes.subarray(3, wrapStart).toString("utf8"),
      wrapped: bytes.subarray(wrapStart, bodyStart),
    },
    body: bytes.subarray(bodyStart),
  };
}

/** The master key's id stands in the wrap alone, so re-wrapping leaves bodies alone. */
function bodyContext(purpose: EnvelopePurpose, context: SealingContext): Buffer {
  return encodeFields([`authio/${purpose}/v1`, ...context]);
}

function malformed(): SealingError {
  return new SealingError("malformed", "not an envelope of a known version");
}
