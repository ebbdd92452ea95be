import { type CryptoKey, importPKCS8, type JSONWebKeySet, SignJWT } from "jose";
import type { Database } from "../db/client.ts";
import {
  addSigningKey,
  type KeyTimes,
  listSigningKeys,
  type SigningKeyRow,
  turnSigningKeys,
} from "../db/signing-keys.ts";
import { CodedError } from "../domain/coded-error.ts";
import { type Signer, signingAlgorithms } from "../domain/signer.ts";
import { signingKeyContext } from "../sealing/contexts.ts";
import { open } from "../sealing/envelope.ts";
import type { KeyWrapping } from "../sealing/key-wrapping.ts";
import { newSigningKey } from "../sealing/new-signing-key.ts";

/** What others may keep our key set for, as its `Cache-Control` says. */
export const keySetSeconds = 300;
/** How often a replica reads the keys. */
const refreshSeconds = 30;
/** How soon it is tried again where that failed. */
const afterFailureMs = 5000;
/** The longest life of what is signed: an access token's. */
export const tokenSeconds = 15 * 60;
/** Two rounds of everybody's caches before a key signs, and after what it signed is over. */
const announcedSeconds = 2 * (keySetSeconds + refreshSeconds);
export const keyTimes: KeyTimes = { announcedSeconds, retiredSeconds: tokenSeconds + announcedSeconds };

export interface SigningKeys extends Signer {
  /** The public halves of every key that may have signed, or will. */
  published(): Promise<JSONWebKeySet>;
}

/**
 * The keys of this installation, shared by all replicas through the database and read again every 30 s. Makes the first
 * ones when they are first needed.
 * @throws {SealingError} where the master key does not open them
 */
export function createSigningKeys(deps: {
  database: Database;
  keyWrapping: KeyWrapping;
  times?: KeyTimes;
  now?: () => number;
}): SigningKeys {
  const { database, keyWrapping, times = keyTimes, now = Date.now } = deps;
  const privateKeys = new Map<string, Promise<CryptoKey>>();
  let good: { readonly rows: SigningKeyRow[]; readonly readMs: number } | undefined;
  let looking: Promise<SigningKeyRow[]> | undefined;
  let nextLookMs = -Infinity;

  async function read(): Promise<SigningKeyRow[]> {
    await turnSigningKeys(database, times);
    const known = await listSigningKeys(database);
    const missing = signingAlgorithms.filter(
      (algorithm) => !known.some((key) => key.algorithm === algorithm && key.state === "active"),
    );
    if (missing.length === 0) return known;
    for (const algorithm of missing)
      await addSigningKey(database, { ...(await newSigningKey(keyWrapping, algorithm)), state: "active" });
    return listSigningKeys(database);
  }

  /** A key that began to sign elsewhere was announced longer ago than this, so what it signs is known to these rows. */
  const lastGood = (): SigningKeyRow[] | undefined =>
    good !== undefined && now() - good.readMs < times.announcedSeconds * 1000 ? good.rows : undefined;

  async function look(): Promise<SigningKeyRow[]> {
    try {
      const rows = await read();
      good = { rows, readMs: now() };
      nextLookMs = now() + refreshSeconds * 1000;
      return rows;
    } catch (error) {
      nextLookMs = now() + afterFailureMs;
      const kept = lastGood();
      if (kept === undefined) throw error;
      return kept;
    } finally {
      looking = undefined;
    }
  }

  /** One look at a time, for all who ask; while it fails, everybody gets what the last good one read. */
  async function current(): Promise<SigningKeyRow[]> {
    const kept = now() < nextLookMs ? lastGood() : undefined;
    if (kept !== undefined) return kept;
    looking ??= look();
    return looking;
  }

  function privateKeyOf({ kid, algorithm, sealedPrivate }: SigningKeyRow): Promise<CryptoKey> {
    const known = privateKeys.get(kid);
    if (known) return known;
    const opening = open(
      keyWrapping,
      "signing-key",
      signingKeyContext({ kid, algorithm }),
      sealedPrivate ?? "",
    )
      .then((pem) => importPKCS8(pem.reveal(), algorithm))
      .catch((error: unknown) => {
        privateKeys.delete(kid);
        throw error;
      });
    privateKeys.set(kid, opening);
    return opening;
  }

  return {
    async published() {
      const keys = (await current()).filter(({ state }) => state !== "gone");
      return {
        keys: keys.map(({ kid, algorithm, publicJwk }) => ({
          ...publicJwk,
          kid,
          alg: algorithm,
          use: "sig",
        })),
      };
    },
    async sign(claims, { algorithm, type }) {
      const active = (await current()).find((key) => key.algorithm === algorithm && key.state === "active");
      if (!active) throw new CodedError("service_unavailable");
      return new SignJWT({ ...claims })
        .setProtectedHeader({ alg: algorithm, kid: active.kid, typ: type })
        .sign(await privateKeyOf(active));
    },
  };
}
