import {
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWK,
  type JWTPayload,
  jwtVerify,
} from "jose";
import { CodedError } from "../../domain/coded-error.ts";
import type { PublishedKey } from "../../domain/key-set.ts";
import { publishedKeys } from "../../entra/published-keys.ts";

/** What a token must say besides being signed. */
export interface TokenRules {
  readonly algorithms: string[];
  readonly issuer: string;
  readonly audience: string;
}

const pausesMs = [0, 150];
const clockToleranceSeconds = 30;
/** A token without key id is tried against each key; nobody publishes more. */
const keysTriedMax = 16;

/**
 * Verifies JWTs (RFC 7519) of one issuer by its published keys: signature, issuer, audience and expiry.
 * Gives the payload.
 * @throws {CodedError} no_session; service_unavailable with the time to wait while nobody knows whether its key
 * is published
 */
export function createTokenVerifier(
  jwksUrl: string,
  rules: TokenRules,
): (token: string) => Promise<JWTPayload> {
  const keySet = publishedKeys(jwksUrl, pausesMs);
  return async (token) => {
    requireMeantForUs(token, rules);
    const found = await keySet.find((keys) => verifyWith(keys, token, rules));
    switch (found.kind) {
      case "found":
        if (found.value === "refused") throw new CodedError("no_session");
        return found.value;
      case "unknown":
        throw new CodedError("no_session");
      default:
        throw new CodedError("service_unavailable", undefined, { retryAfterMs: found.retryAfterMs });
    }
  };
}

/** Before any key is looked for: what is refused anyhow must not make us fetch. */
function requireMeantForUs(token: string, { issuer, audience }: TokenRules): void {
  try {
    const { iss, aud, exp } = decodeJwt(token);
    const isFresh = typeof exp === "number" && exp > Date.now() / 1000 - clockToleranceSeconds;
    if (iss === issuer && [aud].flat().includes(audience) && isFresh) return;
  } catch {
    // No JWT.
  }
  throw new CodedError("no_session");
}

/** The payload; "refused" by a key that the token names; undefined where no key fits and a newer set may hold one. */
async function verifyWith(
  keys: readonly PublishedKey[],
  token: string,
  rules: TokenRules,
): Promise<JWTPayload | "refused" | undefined> {
  const { kid } = decodeProtectedHeader(token);
  const candidates = kid === undefined ? keys.slice(0, keysTriedMax) : keys.filter((key) => key.kid === kid);
  let isJudged = false;
  for (const key of candidates) {
    try {
      const { payload } = await jwtVerify(token, pickerOf(key), {
        ...rules,
        requiredClaims: ["exp"],
        clockTolerance: clockToleranceSeconds,
      });
      return payload;
    } catch (error) {
      const isAnotherKeys =
        error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey;
      if (isAnotherKeys) isJudged = true;
      // Claims, algorithm, critical headers: no other key makes that good. What is left is a key that nobody can use.
      else if (error instanceof errors.JOSEError && !(error instanceof errors.JWKSInvalid)) return "refused";
    }
  }
  return isJudged && kid !== undefined ? "refused" : undefined;
}

type Picker = ReturnType<typeof createLocalJWKSet>;
/** jose imports a key once per set that it is in. */
const pickers = new WeakMap<PublishedKey, Picker>();

function pickerOf(key: PublishedKey): Picker {
  const known = pickers.get(key) ?? createLocalJWKSet({ keys: [key as JWK] });
  pickers.set(key, known);
  return known;
}
