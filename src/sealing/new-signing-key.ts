import { randomBytes } from "node:crypto";
import { exportJWK, exportPKCS8, generateKeyPair, type JWK } from "jose";
import { SecretText } from "../domain/secret-text.ts";
import type { SigningAlgorithm } from "../domain/signer.ts";
import { signingKeyContext } from "./contexts.ts";
import { seal } from "./envelope.ts";
import type { KeyWrapping } from "./key-wrapping.ts";

export interface NewSigningKey {
  readonly kid: string;
  readonly algorithm: SigningAlgorithm;
  readonly publicJwk: JWK;
  readonly sealedPrivate: string;
}

/** A fresh pair, its private half sealed under the master key. */
export async function newSigningKey(
  keyWrapping: KeyWrapping,
  algorithm: SigningAlgorithm,
): Promise<NewSigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const kid = `key_${randomBytes(12).toString("hex")}`;
  const pem = new SecretText(await exportPKCS8(privateKey));
  return {
    kid,
    algorithm,
    publicJwk: await exportJWK(publicKey),
    sealedPrivate: await seal(keyWrapping, "signing-key", signingKeyContext({ kid, algorithm }), pem),
  };
}
