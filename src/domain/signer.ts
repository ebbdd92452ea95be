/** ID tokens are RS256, which every client knows; access tokens EdDSA, as the platform's are. */
export const signingAlgorithms = ["RS256", "EdDSA"] as const;
export type SigningAlgorithm = (typeof signingAlgorithms)[number];

/** Signs what applications get, with the key that is active now. */
export interface Signer {
  /** A JWS of the claims (RFC 7515, compact). `type` is its header `typ`. */
  sign(
    claims: Readonly<Record<string, unknown>>,
    how: { algorithm: SigningAlgorithm; type: string },
  ): Promise<string>;
}
