import { createHash } from "node:crypto";
import { compactVerify, decodeProtectedHeader, importJWK, type JWK } from "jose";
import type { PublishedKey } from "../domain/key-set.ts";
import type { Telemetry } from "../domain/telemetry.ts";
import { answerBytesMax, boundedFetch } from "./bounded-fetch.ts";
import { MicrosoftError } from "./microsoft-error.ts";
import { publishedKeys } from "./published-keys.ts";

const pausesMs = [0, 200, 600];
const tenantsMax = 1000;
/** By address of the keys, for the whole process. */
const keySets = new Map<string, ReturnType<typeof publishedKeys>>();

function keySetAt(url: string): ReturnType<typeof publishedKeys> {
  const known = keySets.get(url) ?? publishedKeys(url, pausesMs);
  const [oldest] = keySets.keys();
  if (oldest !== undefined && keySets.size >= tenantsMax && !keySets.has(url)) keySets.delete(oldest);
  keySets.set(url, known);
  return known;
}

const waitingMs = 2 * 60_000;
const waitingMax = 200;
/** Answers whose key was not published yet, by the hash of what was asked; in memory only. */
const waiting = new Map<string, { readonly text: string; readonly untilMs: number }>();

/**
 * `fetch` for one code exchange of openid-client's. The token endpoint takes a code once, so a key that is not yet
 * published everywhere must be waited for inside the exchange: this remembers the id_token that came, and gives the
 * key it names when openid-client asks for the keys. Where the key does not come in time, the same exchange within two
 * minutes (a reload) gets the same answer without asking again.
 */
export function exchangeFetch(
  jwksUri: string,
  telemetry: Telemetry,
): (url: string, options: object) => Promise<Response> {
  const send = boundedFetch(answerBytesMax.login);
  const keysUrl = new URL(jwksUri).href;
  let [asked, text] = ["", ""];
  return async (url, options: { body?: unknown }) => {
    if (url === keysUrl)
      try {
        return Response.json({ keys: await keysFor(readIdToken(text), keysUrl) });
      } catch (error) {
        if (error instanceof KeyNotPublishedError) keepWaiting(asked, text);
        throw error;
      }
    asked = createHash("sha256")
      .update(`${url} ${String(options.body)}`)
      .digest("base64url");
    const kept = waiting.get(asked);
    if (kept && kept.untilMs > Date.now()) {
      text = kept.text;
      return new Response(text, { headers: { "content-type": "application/json" } });
    }
    const answer = await telemetry.around({ kind: "microsoft", name: "code" }, async (end) => {
      const sent = await send(url, options).catch((error: unknown) => {
        end(0);
        throw error;
      });
      end(sent.status);
      return sent;
    });
    text = await answer.text();
    if (answer.status === 200) readIdToken(text);
    // Only what matters goes on: a challenge header would hide the error in the body.
    const headers = new Headers({ "content-type": answer.headers.get("content-type") ?? "" });
    const retryAfter = answer.headers.get("retry-after");
    if (retryAfter !== null) headers.set("retry-after", retryAfter);
    return new Response(text === "" ? null : text, { status: answer.status, headers });
  };
}

function keepWaiting(asked: string, text: string): void {
  const nowMs = Date.now();
  for (const [one, { untilMs }] of waiting) if (untilMs <= nowMs) waiting.delete(one);
  if (waiting.size < waitingMax) waiting.set(asked, { text, untilMs: nowMs + waitingMs });
}

/** @throws {MicrosoftError} microsoft_unavailable for a success in a shape that no token endpoint gives */
function readIdToken(text: string): string {
  try {
    const { id_token: token } = JSON.parse(text) as { id_token?: unknown };
    if (typeof token === "string") return token;
  } catch {
    // As one without id_token.
  }
  throw new MicrosoftError("microsoft_unavailable", { status: 200, reason: "unreadable_token_answer" });
}

/** Comes straight from Microsoft, so a key id that is not published is a key that is not published yet. */
export class KeyNotPublishedError extends MicrosoftError {
  constructor(retryAfterMs?: number) {
    super("microsoft_unavailable", { status: 200, reason: "key_not_published", retryAfterMs });
  }
}

async function keysFor(idToken: string, url: string): Promise<readonly PublishedKey[]> {
  const kid = kidOf(idToken);
  const found = await keySetAt(url).find(async (keys) => {
    if (kid === undefined) return keys;
    const named = keys.filter((key) => key.kid === kid && key["kty"] === "RSA");
    return named.length < 2 ? named[0] && [named[0]] : [await signerOf(idToken, named)];
  });
  if (found.kind === "found") return found.value;
  throw new KeyNotPublishedError(found.kind === "unavailable" ? found.retryAfterMs : undefined);
}

function kidOf(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).kid;
  } catch {
    return undefined;
  }
}

/** Of several keys of one id the one that made the token, else any. */
async function signerOf(token: string, keys: readonly PublishedKey[]): Promise<PublishedKey> {
  for (const key of keys) {
    try {
      await compactVerify(token, await importJWK(key as JWK, "RS256"), { algorithms: ["RS256"] });
      return key;
    } catch {
      // The next one.
    }
  }
  return keys[0] ?? {};
}
