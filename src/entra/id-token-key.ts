import { compactVerify, decodeProtectedHeader, importJWK, type JWK } from "jose";
import { MicrosoftError } from "./microsoft-error.ts";
import { publishedKeys } from "./published-keys.ts";

const pausesMs = [0, 200, 600];
const tenantsMax = 1000;
/** By address of the keys, for the whole process. */
const keySets = new Map<string, ReturnType<typeof publishedKeys>>();

function keySetAt(url: string): ReturnType<typeof publishedKeys> {
  const known = keySets.get(url) ?? publishedKeys(url, pausesMs);
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

/**
 * The payload of an id_token whose RS256 signature a key published at `keysUrl` made. Without a key id any of them may
 * have; a key that is not there yet is looked for again before anybody is refused.
 * @throws {KeyNotPublishedError}
 * @throws {Error} jose's, for a token that no such key signed
 */
export async function verifiedPayload(token: string, keysUrl: string): Promise<Uint8Array> {
  const { alg, kid } = decodeProtectedHeader(token);
  if (alg !== "RS256") throw new TypeError("another algorithm than RS256");
  const found = await keySetAt(keysUrl).find(async (keys) => {
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
