import { hkdfSync } from "node:crypto";
import type { MasterKeyring } from "../domain/master-keyring.ts";

/** What a derived key is for. One environment value never does two jobs. */
export type KeyPurpose = "sso-secret" | "transit" | "browser-cookie" | "consent-proof" | "sign-in";

/**
 * Derives the 32-byte key of one purpose: HKDF-SHA-256 (RFC 5869), empty salt, info `authio/{purpose}/v1`.
 * The same master key and purpose always give the same key.
 */
export function deriveKey(master: Buffer, purpose: KeyPurpose): Buffer {
  return Buffer.from(hkdfSync("sha256", master, Buffer.alloc(0), `authio/${purpose}/v1`, 32));
}

/** The active key's derivation, for the purposes that need no history. */
export function deriveActiveKey(keyring: MasterKeyring, purpose: KeyPurpose): Buffer {
  const master = keyring.keys.get(keyring.activeId);
  if (master === undefined) throw new RangeError("the keyring has no active key");
  return deriveKey(master, purpose);
}
