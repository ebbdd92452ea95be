import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { SealingError } from "./sealing-error.ts";

export const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
/** What a ciphertext is longer than its plaintext by. */
export const overheadBytes = nonceBytes + tagBytes;

/** AES-256-GCM (SP 800-38D) under a fresh nonce; gives nonce | ciphertext | tag. */
export function encrypt(key: Buffer, plaintext: Buffer, associatedData: Buffer): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(associatedData);
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** @throws {SealingError} not_authentic */
export function decrypt(key: Buffer, sealed: Buffer, associatedData: Buffer): Buffer {
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
