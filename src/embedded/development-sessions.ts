import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

/** People of the embedded stack. They exist nowhere else. */
export const developmentUsers = [
  { id: "user_olivia", name: "Olivia Owner", role: "owner" },
  { id: "user_adam", name: "Adam Admin", role: "admin" },
  { id: "user_maria", name: "Maria Member", role: "member" },
] as const;

export type DevelopmentUser = (typeof developmentUsers)[number];

export const developmentOrg = { id: "org_acme", name: "Acme Ltd" } as const;
export const developmentProject = "proj_development";
export const developmentAudience = "authio";
/** Where the simulator's server carries the issuer: its origin must not be the sso service's. */
export const issuerPath = "/identity";
const lifetimeSeconds = 8 * 60 * 60;

/** What a session says. The names are for display. */
export interface DevelopmentSession {
  readonly userId: string;
  readonly orgId: string;
  readonly role: string;
  readonly projectId: string;
  readonly name?: string | undefined;
  readonly orgName?: string | undefined;
}

/** What a person of the embedded stack is in its organization. */
export function developmentSessionOf({ id, name, role }: DevelopmentUser): DevelopmentSession {
  return {
    userId: id,
    role,
    name,
    orgId: developmentOrg.id,
    orgName: developmentOrg.name,
    projectId: developmentProject,
  };
}

/** A session issuer as the platform's, with a key of its own that is made anew at each start. */
export interface DevelopmentSessions {
  /** A session JWT (EdDSA), good for eight hours. `issuer` is where `routes` are reached. */
  sign(issuer: string, session: DevelopmentSession): Promise<string>;
  /** Its JWKS, and `POST /sessions` for those who call from a shell. To be mounted at `issuerPath`. */
  readonly routes: Hono;
}

export async function createDevelopmentSessions(): Promise<DevelopmentSessions> {
  const { publicKey, privateKey } = await generateKeyPair("EdDSA");
  const key = { ...(await exportJWK(publicKey)), kid: "development", alg: "EdDSA", use: "sig" };
  const sign: DevelopmentSessions["sign"] = (issuer, { userId, orgId, role, projectId, name, orgName }) =>
    new SignJWT({
      sid: `sess_${randomUUID()}`,
      act_org: orgId,
      act_role: role,
      project_id: projectId,
      kind: "customer",
      ...(name === undefined ? {} : { name }),
      ...(orgName === undefined ? {} : { org_name: orgName }),
    })
      .setProtectedHeader({ alg: "EdDSA", kid: "development" })
      .setSubject(userId)
      .setIssuer(issuer)
      .setAudience(developmentAudience)
      .setIssuedAt()
      .setExpirationTime(`${lifetimeSeconds}s`)
      .sign(privateKey);
  const routes = new Hono();
  routes.get("/v1/auth/.well-known/jwks.json", (c) => c.json({ keys: [key] }));
  routes.post("/sessions", async (c) => {
    // A page of another site could ask through a person's browser; a shell sends neither header.
    if (c.req.header("origin") !== undefined || c.req.header("sec-fetch-site") !== undefined)
      return c.json({ message: "not for browsers" }, 403);
    const body: Partial<Record<string, string>> = await c.req.json().catch(() => ({}));
    const session = {
      userId: body["user"] ?? developmentUsers[0].id,
      orgId: body["org"] ?? developmentOrg.id,
      role: body["role"] ?? developmentUsers[0].role,
      projectId: body["project"] ?? developmentProject,
    };
    const issuer = `${new URL(c.req.url).origin}${issuerPath}`;
    return c.json({ token: await sign(issuer, session), expires_in: lifetimeSeconds });
  });
  return { sign, routes };
}
