import { createHmac } from "node:crypto";
import type { MasterKeyring } from "../domain/master-keyring.ts";
import type { SecretText } from "../domain/secret-text.ts";
import { derivePurposeKeys } from "./purpose-keys.ts";

/** Tells two secrets of ours apart without telling anything of either: HMAC-SHA-256 under a key of its own, 32 digits. */
export function credentialFingerprint(keyring: MasterKeyring, secret: SecretText): () => string {
  const { active } = derivePurposeKeys(keyring, "credential-fingerprint");
  return () => createHmac("sha256", active).update(secret.reveal()).digest("hex").slice(0, 32);
}
