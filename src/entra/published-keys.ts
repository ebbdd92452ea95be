import { setTimeout as sleep } from "node:timers/promises";
import { createKeySet, type KeySet, type PublishedKey } from "../domain/key-set.ts";
import { answerBytesMax, boundedFetch } from "./bounded-fetch.ts";

const timeoutMs = 5000;

/**
 * The keys published at an address (RFC 7517), read within limits of time and size. Entries that are no objects are
 * left out; what they must be like is for whoever picks one.
 */
export function publishedKeys(url: string, pausesMs: readonly number[]): KeySet {
  return createKeySet({ load: () => load(url), pause: (ms) => sleep(ms), pausesMs });
}

const send = boundedFetch(answerBytesMax.login);

async function load(url: string): Promise<readonly PublishedKey[]> {
  const answer = await send(url, {
    redirect: "manual",
    signal: AbortSignal.timeout(timeoutMs),
    headers: { accept: "application/json, application/jwk-set+json" },
  });
  if (answer.status !== 200) throw new TypeError(`keys: HTTP ${answer.status}`);
  const body: unknown = await answer.json();
  const entries = typeof body === "object" && body !== null && "keys" in body ? body.keys : undefined;
  const keys = Array.isArray(entries) ? entries.filter(isPublishedKey) : [];
  if (keys.length === 0) throw new TypeError("keys: none");
  return keys;
}

function isPublishedKey(entry: unknown): entry is PublishedKey {
  return typeof entry === "object" && entry !== null && "kty" in entry;
}
