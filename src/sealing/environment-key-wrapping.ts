import type { MasterKeyring } from "../domain/master-keyring.ts";
import { decrypt, encrypt } from "./aes-gcm.ts";
import { encodeFields } from "./fields.ts";
import type { EnvelopePurpose, KeyWrapping } from "./key-wrapping.ts";
import { deriveKey } from "./purpose-keys.ts";
import { SealingError } from "./sealing-error.ts";

/** Wraps in memory with the keys of `AUTHIO_IMPORT_CREDS_KEY`; the bytes are in docs/sealing.md. */
export function environmentKeyWrapping(keyring: MasterKeyring): KeyWrapping {
  const wrappingKey = (keyId: string, purpose: EnvelopePurpose): Buffer => {
    const master = keyring.keys.get(keyId);
    if (master === undefined)
      throw new SealingError("unknown_key", "sealed under a master key that is not in the keyring");
    return deriveKey(master, purpose);
  };
  const keyId = keyring.activeId;
  return {
    activeKeyId: keyId,
    wrap: async (dataKey, purpose) => ({
      keyId,
      wrapped: encrypt(wrappingKey(keyId, purpose), dataKey, wrapContext(purpose, keyId)),
    }),
    unwrap: async (given, purpose) =>
      decrypt(wrappingKey(given.keyId, purpose), given.wrapped, wrapContext(purpose, given.keyId)),
  };
}

function wrapContext(purpose: EnvelopePurpose, keyId: string): Buffer {
  return encodeFields(["authio/wrap/v1", purpose, keyId]);
}
