import { hkdfSync } from "node:crypto";
import type { MasterKeyring, PurposeKeys } from "../domain/master-keyring.ts";

/** What a derived key is for. One environment value never does two jobs. */
export type KeyPurpose =
  | "sso-secret"
  | "credential-fingerprint"
  | "transit"
  | "signing-key"
  | "webhook-secret"
  | "browser-cookie"
  | "consent-proof"
  | "refused-page"
  | "sign-in"
  | "step-mac";

/**
 * Derives the 32-byte key of one purpose: HKDF-SHA-256 (RFC 5869), empty salt, info `authio/{purpose}/v1`.
 * The same master key and purpose always give the same key.
 */
export function deriveKey(master: Buffer, purpose: KeyPurpose): Buffer {
  return Buffer.from(hkdfSync("sha256", master, Buffer.alloc(0), `authio/${purpose}/v1`, 32));
}

/** The purpose's keys of the whole ring, for what carries no key id: cookies, states, flows. */
export function derivePurposeKeys(keyring: MasterKeyring, purpose: KeyPurpose): PurposeKeys {
  const active = keyring.keys.get(keyring.activeId);
  if (active === undefined) throw new RangeError("the keyring has no active key");
  const others = [...keyring.keys].filter(([id]) => id !== keyring.activeId).map(([, key]) => key);
  const all = [active, ...others].map((master) => deriveKey(master, purpose));
  return { active: deriveKey(active, purpose), all };
}
