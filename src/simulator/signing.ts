import { randomBytes, randomUUID } from "node:crypto";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { unreachable } from "../domain/unreachable.ts";
import type { Realism } from "./options.ts";

/** The signing keys of the simulated cloud, made anew at each start. */
export interface Signer {
  /** What is published: the key that signs and those before it; `stale` as it was before the last rotation. */
  keys(stale?: boolean): JWK[];
  /** The key of an application that has its own, once it signed. */
  ownKeys(clientId: string): JWK[];
  /** A new key signs from now on. */
  rotate(): Promise<void>;
  /** A v2.0 token of one tenant, good for an hour. */
  sign(claims: Record<string, unknown>, tenantId: string, audience: string): Promise<string>;
  signIdToken(
    claims: Record<string, unknown>,
    tenantId: string,
    clientId: string,
    flaw: Realism["idTokenFlaw"],
  ): Promise<string>;
  /** An id_token by the application's own key. */
  signWithOwnKey(claims: Record<string, unknown>, tenantId: string, clientId: string): Promise<string>;
}

/** @param firstKey what signs until the first rotation */
export async function createSigner(origin: () => string, firstKey?: SigningKey): Promise<Signer> {
  let current = firstKey ?? (await newSigningKey());
  let published = [current.jwk];
  let before: JWK[] = published;
  const signed = (
    claims: Record<string, unknown>,
    tenantId: string,
    audience: string,
    expires: string,
    kid = current.jwk.kid,
    key = current.privateKey,
  ) =>
    new SignJWT({ ver: "2.0", ...claims })
      .setProtectedHeader({ alg: "RS256", kid, typ: "JWT" })
      .setIssuer(`${origin()}/${tenantId}/v2.0`)
      .setAudience(audience)
      .setIssuedAt()
      .setNotBefore("-5s")
      .setExpirationTime(expires)
      .sign(key);
  const own = new Map<string, SigningKey>();
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
      case "party":
        return token({ azp: randomUUID() });
      case "key":
        return signed({ ...claims, tid: tenantId }, tenantId, clientId, "1h", randomBytes(8).toString("hex"));
      case "algorithm": {
        const [, payload] = (await token({})).split(".");
        return `${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.`;
      }
      default:
        return unreachable(flaw);
    }
  }

  return {
    keys: (stale = false) => (stale ? before : published),
    ownKeys: (clientId) => [own.get(clientId)?.jwk ?? current.jwk],
    async signWithOwnKey(claims, tenantId, clientId) {
      const { jwk, privateKey } = own.get(clientId) ?? (await newSigningKey());
      own.set(clientId, { jwk, privateKey });
      return signed({ ...claims, tid: tenantId }, tenantId, clientId, "1h", jwk.kid, privateKey);
    },
    async rotate() {
      current = await newSigningKey();
      before = published;
      published = [...published, current.jwk];
    },
    sign,
    signIdToken,
  };
}

export type SigningKey = Awaited<ReturnType<typeof newSigningKey>>;

export async function newSigningKey() {
  const { publicKey, privateKey } = await generateKeyPair("RS256");
  const kid = randomBytes(8).toString("hex");
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, use: "sig", alg: "RS256" } };
}
