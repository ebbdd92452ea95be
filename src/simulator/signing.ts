import { randomBytes, randomUUID } from "node:crypto";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { unreachable } from "../domain/unreachable.ts";
import type { Realism } from "./options.ts";

/** The signing key of the simulated cloud, made anew at each start. */
export interface Signer {
  readonly jwk: JWK;
  /** A v2.0 token of one tenant, good for an hour. */
  sign(claims: Record<string, unknown>, tenantId: string, audience: string): Promise<string>;
  signIdToken(
    claims: Record<string, unknown>,
    tenantId: string,
    clientId: string,
    flaw: Realism["idTokenFlaw"],
  ): Promise<string>;
}

export async function createSigner(origin: () => string): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair("RS256");
  const kid = randomBytes(8).toString("hex");
  const jwk = { ...(await exportJWK(publicKey)), kid, use: "sig", alg: "RS256" };
  const signed = (claims: Record<string, unknown>, tenantId: string, audience: string, expires: string) =>
    new SignJWT({ ...claims, ver: "2.0" })
      .setProtectedHeader({ alg: "RS256", kid, typ: "JWT" })
      .setIssuer(`${origin()}/${tenantId}/v2.0`)
      .setAudience(audience)
      .setIssuedAt()
      .setNotBefore("-5s")
      .setExpirationTime(expires)
      .sign(privateKey);
  const sign = (claims: Record<string, unknown>, tenantId: string, audience: string) =>
    signed({ ...claims, tid: tenantId }, tenantId, audience, "1h");

  /** An id_token, with the flaw that is set. */
  async function signIdToken(
    claims: Record<string, unknown>,
    tenantId: string,
    clientId: string,
    flaw: Realism["idTokenFlaw"],
  ): Promise<string> {
    const token = (changed: Record<string, unknown>, tenant = tenantId, audience = clientId) =>
      sign({ ...claims, ...changed }, tenant, audience);
    switch (flaw) {
      case "none":
        return token({});
      case "nonce":
        return token({ nonce: "another" });
      case "audience":
        return token({}, tenantId, randomUUID());
      case "issuer":
        return token({}, randomUUID());
      case "tenant":
        return signed({ ...claims, tid: randomUUID() }, tenantId, clientId, "1h");
      case "expired":
        return signed({ ...claims, tid: tenantId }, tenantId, clientId, "-10m");
      case "signature": {
        const [header, payload] = (await token({})).split(".");
        return `${header}.${payload}.${randomBytes(256).toString("base64url")}`;
      }
      case "algorithm": {
        const [, payload] = (await token({})).split(".");
        return `${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.`;
      }
      default:
        return unreachable(flaw);
    }
  }

  return { jwk, sign, signIdToken };
}
