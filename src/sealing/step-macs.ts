import { createHmac, timingSafeEqual } from "node:crypto";
import type { AppClientId, AppObjectId, OperationId, SecretKeyId } from "../domain/ids.ts";
import type { MasterKeyring } from "../domain/master-keyring.ts";
import type { StoredSecret } from "../domain/provision-activities.ts";
import { encodeFields } from "./fields.ts";
import { derivePurposeKeys } from "./purpose-keys.ts";

/** What a step vouches for: this secret of this application, made by this generation of this operation. */
export interface Vouched {
  readonly id: OperationId;
  readonly generation: number;
  readonly appObjectId: AppObjectId;
  readonly appId: AppClientId;
  readonly secretKeyId: SecretKeyId;
}

/** `sealSecret`'s word also covers the envelope and its end; `proveSecret` says that Microsoft accepted the secret. */
export function sealMacOf(keyring: MasterKeyring, vouched: Vouched & StoredSecret): string {
  return macOf(derivePurposeKeys(keyring, "step-mac").active, sealFields(vouched));
}

export function proofMacOf(keyring: MasterKeyring, vouched: Vouched): string {
  return macOf(derivePurposeKeys(keyring, "step-mac").active, proofFields(vouched));
}

/** True when both steps of this very run vouched for it, under any key of the ring. */
export function isVouchedFor(
  keyring: MasterKeyring,
  vouched: Vouched & StoredSecret,
  given: { sealMac: string; proofMac: string },
): boolean {
  const { all } = derivePurposeKeys(keyring, "step-mac");
  return (
    all.some((key) => equal(given.sealMac, macOf(key, sealFields(vouched)))) &&
    all.some((key) => equal(given.proofMac, macOf(key, proofFields(vouched))))
  );
}

const sealFields = (vouched: Vouched & StoredSecret): string[] => [
  "authio/step/sealSecret/v1",
  ...runFields(vouched),
  vouched.secretExpiresAt,
  vouched.sealedSecret,
];
const proofFields = (vouched: Vouched): string[] => ["authio/step/proveSecret/v1", ...runFields(vouched)];
const runFields = ({ id, generation, appObjectId, appId, secretKeyId }: Vouched): string[] => [
  id,
  String(generation),
  appObjectId,
  appId,
  secretKeyId,
];

/** HMAC-SHA-256, base64url. */
function macOf(key: Buffer, fields: readonly string[]): string {
  return createHmac("sha256", key).update(encodeFields(fields)).digest("base64url");
}

function equal(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
