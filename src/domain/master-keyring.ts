/** The operator's keys, newest first. `AUTHIO_IMPORT_CREDS_KEY` holds one key, or `id:base64,id:base64`. */
export interface MasterKeyring {
  readonly activeId: string;
  readonly keys: ReadonlyMap<string, Buffer>;
}

/**
 * Reads a keyring. A bare key gets the id `default`.
 * @throws {RangeError} naming what is wrong, never the value
 */
export function parseMasterKeyring(text: string): MasterKeyring {
  const keys = new Map<string, Buffer>();
  for (const entry of text.split(",").map((part) => part.trim())) {
    const colon = entry.indexOf(":");
    const id = colon < 0 ? "default" : entry.slice(0, colon);
    const key = Buffer.from(entry.slice(colon + 1), "base64");
    if (!/^[\w-]{1,32}$/.test(id)) throw new RangeError("a key id must be 1 to 32 letters, digits, - or _");
    if (!/^[A-Za-z0-9+/]{43}=$/.test(entry.slice(colon + 1)) || key.length !== 32)
      throw new RangeError("each key must be exactly 32 bytes in base64 (openssl rand -base64 32)");
    if (new Set(key).size < 8) throw new RangeError("the key is not random (openssl rand -base64 32)");
    if (keys.has(id)) throw new RangeError("two keys share one id");
    keys.set(id, key);
  }
  const [activeId] = keys.keys();
  if (activeId === undefined) throw new RangeError("no key given");
  return { activeId, keys };
}
