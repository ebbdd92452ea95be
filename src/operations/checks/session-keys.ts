import { publishedKeys } from "../../entra/published-keys.ts";
import { fail, type Finding, pass } from "./check.ts";

const typeOf: Readonly<Record<string, string>> = { EdDSA: "OKP", RS: "RSA", PS: "RSA", ES: "EC" };

/** Whoever signs dashboard sessions publishes a key that one of the accepted algorithms can use. */
export async function checkSessionKeys(jwksUrl: string, algorithms: readonly string[]): Promise<Finding> {
  const found = await publishedKeys(jwksUrl, [0]).find(async (keys) => keys);
  if (found.kind !== "found")
    return fail(
      "no keys come from where dashboard sessions are signed: nobody can start",
      "check AUTHIO_SESSION_JWKS_URL, AUTHIO_SESSION_ISSUER and the network",
    );
  const wanted = new Set(algorithms.map((one) => typeOf[one] ?? typeOf[one.slice(0, 2)]));
  const usable = found.value.filter((key) => wanted.has(String(key["kty"])));
  return usable.length > 0
    ? pass(`${usable.length} of ${found.value.length} keys can sign with ${algorithms.join(", ")}`)
    : fail(
        `none of ${found.value.length} keys can sign with ${algorithms.join(", ")}`,
        "set AUTHIO_SESSION_ALGORITHMS to what the issuer signs with",
      );
}
