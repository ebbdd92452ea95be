/** The operator's keys, the active one first. `AUTHIO_IMPORT_CREDS_KEY` holds one key, or `id:base64,id:base64`. */
export interface MasterKeyring {
  readonly activeId: string;
  readonly keys: ReadonlyMap<string, Buffer>;
}

/**
 * The keys of one purpose, one for each master key. The active key makes; whatever any of them made is good, so that
 * two replicas may have different active keys while a rotation goes round.
 */
export interface PurposeKeys {
  readonly active: Buffer;
  /** The active one first. */
  readonly all: readonly Buffer[];
}

const keyBytes = 32;
const makeOne = "make one with: openssl rand -base64 32";

/**
 * Reads a keyring. A bare key gets the id `default`. Of a longer key the first 32 bytes count, as elsewhere on the
 * platform.
 * @throws {RangeError} naming what is wrong, never the value
 */
export function parseMasterKeyring(text: string): MasterKeyring {
  const keys = new Map<string, Buffer>();
  for (const entry of text.split(",").map((part) => part.trim())) {
    const colon = entry.indexOf(":");
    const id = colon < 0 ? "default" : entry.slice(0, colon).trim();
    if (!/^[\w-]{1,32}$/.test(id)) throw new RangeError("a key id must be 1 to 32 letters, digits, - or _");
    if (keys.has(id)) throw new RangeError("two keys share one id; write id:base64,id:base64");
    keys.set(id, parseKey(entry.slice(colon + 1)));
  }
  const [activeId] = keys.keys();
  if (activeId === undefined) throw new RangeError("no key given");
  return { activeId, keys };
}

function parseKey(text: string): Buffer {
  // Tools wrap long base64 at 64 or 76 characters.
  const base64 = text.replaceAll(/[\r\n]/g, "");
  if (base64 === "") throw new RangeError(`a key is empty; ${makeOne}`);
  if (/^[\w-]+=*$/.test(base64) && /[-_]/.test(base64))
    throw new RangeError("a key is base64url; write it in base64, with + and / for - and _");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) throw new RangeError(`a key is not base64; ${makeOne}`);
  if (base64.length % 4 !== 0)
    throw new RangeError("a key is not whole base64: its end, or the padding with =, is missing");
  const bytes = Buffer.from(base64, "base64");
  if (bytes.length < keyBytes) throw new RangeError(`a key has fewer than ${keyBytes} bytes; ${makeOne}`);
  const key = bytes.subarray(0, keyBytes);
  if (new Set(key).size < 8) throw new RangeError(`a key is not random; ${makeOne}`);
  return key;
}
