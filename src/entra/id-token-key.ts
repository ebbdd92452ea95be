import { compactVerify, decodeProtectedHeader, importJWK, type JWK } from "jose";
import type { KeyLookup, KeySet, PublishedKey } from "../domain/key-set.ts";
import { MicrosoftError } from "./microsoft-error.ts";
import { publishedKeys } from "./published-keys.ts";

const pausesMs = [0, 200, 600];
/** An application's own keys do not rotate by themselves. */
const ownPausesMs = [0];
const tenantsMax = 1000;
/** By address of the keys, for the whole process. */
const keySets = new Map<string, KeySet>();

function keySetAt(url: string, pauses: readonly number[] = pausesMs): KeySet {
  const known = keySets.get(url) ?? publishedKeys(url, pauses);
  // Put anew, so that the first of the map is the one used longest ago.
  keySets.delete(url);
  const [oldest] = keySets.keys();
  if (oldest !== undefined && keySets.size >= tenantsMax) keySets.delete(oldest);
  keySets.set(url, known);
  return known;
}

/** Fetches the keys at `keysUrl` for a token that will come soon. Never throws. */
export function warmKeys(keysUrl: string): Promise<void> {
  return keySetAt(keysUrl).warm();
}

/** Comes straight from Microsoft, so a key id that is not published is a key that is not published yet. */
export class KeyNotPublishedError extends MicrosoftError {
  constructor(retryAfterMs?: number) {
    super("microsoft_unavailable", { status: 200, reason: "key_not_published", retryAfterMs });
  }
}

/** Where the keys are that may have signed: the directory's, and the application's own where it may have some. */
export interface KeyPlaces {
  readonly keysUrl: string;
  readonly ownKeysUrl?: string | undefined;
}

/**
 * Once an administrator maps claims of an application, its tokens are signed by a key of its own, which only its own set
 * has. A key that the directory's set does not have is looked for in both at once, so that neither waits for the other.
 * @see https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-signature (read November 2026)
 */
async function findKeys(
  { keysUrl, ownKeysUrl }: KeyPlaces,
  pick: (keys: readonly PublishedKey[]) => Promise<PublishedKey[] | undefined>,
): Promise<KeyLookup<PublishedKey[]>> {
  const ofDirectory = keySetAt(keysUrl);
  if (ownKeysUrl === undefined) return ofDirectory.find(pick);
  await ofDirectory.warm();
  const usual = await ofDirectory.known(pick);
  if (usual !== undefined) return { kind: "found", value: usual };
  const own = keySetAt(ownKeysUrl, ownPausesMs);
  const known = await own.known(pick);
  if (known !== undefined) return { kind: "found", value: known };
  const looks = [ofDirectory.find(pick), own.find(pick)];
  const found = looks.map(async (look) => {
    const result = await look;
    return result.kind === "found" ? result : Promise.reject(new Error("not found"));
  });
  return Promise.any(found).catch(() => looks[0] as Promise<KeyLookup<PublishedKey[]>>);
}

/**
 * The payload of an id_token whose RS256 signature a published key made. Without a key id any of them may have; a key
 * that is not there yet is looked for again before anybody is refused.
 * @throws {KeyNotPublishedError}
 * @throws {Error} jose's, for a token that no such key signed
 */
export async function verifiedPayload(token: string, places: KeyPlaces): Promise<Uint8Array> {
  const { alg, kid } = decodeProtectedHeader(token);
  if (alg !== "RS256") throw new TypeError("another algorithm than RS256");
  const found = await findKeys(places, async (keys) => {
    const named = keys.filter((key) => key["kty"] === "RSA" && (kid === undefined || key.kid === kid));
    return named.length > 0 ? named : undefined;
  });
  if (found.kind !== "found")
    throw new KeyNotPublishedError(found.kind === "unavailable" ? found.retryAfterMs : undefined);
  // Several keys of one id have been seen; the token is good when one of them made it.
  let refusal: unknown;
  for (const key of found.value) {
    try {
      const imported = await importJWK(key as JWK, "RS256");
      return (await compactVerify(token, imported, { algorithms: ["RS256"] })).payload;
    } catch (error) {
      refusal = error;
    }
  }
  throw refusal;
}
