import { CodedError } from "../domain/coded-error.ts";
import { type KeyPlaces, verifiedPayload } from "./id-token-key.ts";

/** What a token is compared with; the issuer is the tenant's own, exact. */
export interface ExpectedToken extends KeyPlaces {
  readonly issuer: string;
  readonly clientId: string;
  readonly nonce: string;
  /** What a token that does not hold is called. */
  readonly invalid: "proof_invalid" | "signin_token_invalid";
}

export type IdTokenClaims = Readonly<Record<string, unknown>>;

const clockToleranceSeconds = 60;

/**
 * Judges an id_token of Microsoft's (OpenID Connect Core 3.1.3.7): an RS256 signature of a published key, the exact
 * issuer, audience and nonce, and its time. By us, since libraries refuse a person for an optional claim in an odd shape
 * too; what no line here names is for whoever reads the claims, and may be anything.
 * @throws {CodedError} `expected.invalid`
 * @throws {KeyNotPublishedError} where the key that it names is not published yet
 */
export async function readIdToken(token: string, expected: ExpectedToken): Promise<IdTokenClaims> {
  const claims = await verifiedClaims(token, expected);
  const nowSeconds = Date.now() / 1000;
  const { iss, aud, nonce, sub, exp, nbf, iat } = claims;
  const [audience, ...others]: unknown[] = [aud].flat();
  const holds =
    iss === expected.issuer &&
    audience === expected.clientId &&
    others.length === 0 &&
    nonce === expected.nonce &&
    typeof sub === "string" &&
    typeof iat === "number" &&
    typeof exp === "number" &&
    exp > nowSeconds - clockToleranceSeconds &&
    // Optional: a bound that is no number is none, and `exp` bounds it all the same.
    !(typeof nbf === "number" && nbf > nowSeconds + clockToleranceSeconds);
  if (!holds) throw new CodedError(expected.invalid);
  return claims;
}

async function verifiedClaims(
  token: string,
  { invalid, ...places }: KeyPlaces & Pick<ExpectedToken, "invalid">,
): Promise<IdTokenClaims> {
  try {
    const payload = await verifiedPayload(token, places);
    const claims: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
    if (typeof claims === "object" && claims !== null) return claims as IdTokenClaims;
  } catch (error) {
    if (error instanceof CodedError) throw error;
    // Whatever jose says: what it names is of no use to anybody who reads our answer.
  }
  throw new CodedError(invalid);
}
