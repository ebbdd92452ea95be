import { exportJWK, generateKeyPair, SignJWT } from "jose";

/** People of the embedded stack. They exist nowhere else. */
export const developmentUsers = [
  { id: "usr_olivia", name: "Olivia Owner", role: "owner" },
  { id: "usr_adam", name: "Adam Admin", role: "admin" },
  { id: "usr_maria", name: "Maria Member", role: "member" },
] as const;
export type DevelopmentUser = (typeof developmentUsers)[number];

export const developmentOrg = { id: "org_acme", name: "Acme Ltd" } as const;
export const developmentAudience = "authio-dashboard";

export interface DevelopmentSessions {
  readonly jwks: { readonly keys: readonly object[] };
  /** A session JWT, good for eight hours. */
  sign(user: DevelopmentUser): Promise<string>;
}

/** A session issuer with a key of its own, made anew at each start. */
export async function createDevelopmentSessions(issuer: string): Promise<DevelopmentSessions> {
  const { publicKey, privateKey } = await generateKeyPair("RS256");
  const key = { ...(await exportJWK(publicKey)), kid: "development", alg: "RS256", use: "sig" };
  return {
    jwks: { keys: [key] },
    sign: (user) =>
      new SignJWT({
        org_id: developmentOrg.id,
        org_name: developmentOrg.name,
        role: user.role,
        name: user.name,
      })
        .setProtectedHeader({ alg: "RS256", kid: "development" })
        .setSubject(user.id)
        .setIssuer(issuer)
        .setAudience(developmentAudience)
        .setIssuedAt()
        .setExpirationTime("8h")
        .sign(privateKey),
  };
}
