import type { Database } from "../db/client.ts";
import { addSigningKey, listSigningKeys, revokeSigningKey, type SigningKeyRow } from "../db/signing-keys.ts";
import { CodedError } from "../domain/coded-error.ts";
import { type SigningAlgorithm, signingAlgorithms } from "../domain/signer.ts";
import type { KeyWrapping } from "../sealing/key-wrapping.ts";
import { newSigningKey } from "../sealing/new-signing-key.ts";

interface KeysContext {
  readonly database: Database;
  readonly keyWrapping: KeyWrapping;
}

/**
 * Announces a new key for each algorithm: published from now on, signing eleven minutes later by itself. A second call
 * meanwhile announces nothing more.
 * @returns the algorithms that got one
 */
export async function rotateSigningKeys({ database, keyWrapping }: KeysContext): Promise<SigningAlgorithm[]> {
  const announced: SigningAlgorithm[] = [];
  for (const algorithm of signingAlgorithms) {
    const key = { ...(await newSigningKey(keyWrapping, algorithm)), state: "next" as const };
    if (await addSigningKey(database, key)) announced.push(algorithm);
  }
  return announced;
}

/**
 * Ends a key at once, after a leak: what it signed is worth nothing to whoever reads the keys anew. A successor is made
 * where none was announced.
 * @throws {CodedError} not_found for a key that is unknown or gone
 */
export async function revokeKeyNow({ database, keyWrapping }: KeysContext, kid: string): Promise<void> {
  const key = (await listSigningKeys(database)).find((one) => one.kid === kid);
  if (!key || !(await revokeSigningKey(database, kid))) throw new CodedError("not_found");
  if (key.state === "active")
    await addSigningKey(database, { ...(await newSigningKey(keyWrapping, key.algorithm)), state: "active" });
}

/** Every key, oldest first, without its private half. */
export async function showSigningKeys(
  database: Database,
): Promise<Omit<SigningKeyRow, "sealedPrivate" | "publicJwk">[]> {
  const keys = await listSigningKeys(database);
  return keys.map(({ kid, algorithm, state, createdAt, activatedAt, retiredAt }) => ({
    kid,
    algorithm,
    state,
    createdAt,
    activatedAt,
    retiredAt,
  }));
}
