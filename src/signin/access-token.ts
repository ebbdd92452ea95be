import { randomUUID } from "node:crypto";
import type { Signer } from "../domain/signer.ts";
import type { TokenMint } from "../domain/token-mint.ts";
import { tokenSeconds } from "./signing-keys.ts";

/**
 * Access tokens as RFC 9068 shapes them, in the platform's claims: EdDSA, 15 minutes. They cannot be called back;
 * whoever must know of a suspension earlier listens to `session.revoked`.
 */
export function createTokenMint(issuer: string, signer: Signer, now: () => number = Date.now): TokenMint {
  return {
    async mint({ identity, application, sid }) {
      const issuedAt = Math.floor(now() / 1000);
      const claims = {
        iss: issuer,
        aud: application.clientId,
        client_id: application.clientId,
        sub: identity.sub,
        sid,
        jti: `tok_${randomUUID().replaceAll("-", "")}`,
        kind: "sso",
        act_org: identity.organization_id,
        act_role: "member",
        project_id: identity.project_id,
        tid: identity.tid,
        oid: identity.oid,
        iat: issuedAt,
        exp: issuedAt + tokenSeconds,
      };
      return {
        accessToken: await signer.sign(claims, { algorithm: "EdDSA", type: "at+jwt" }),
        expiresIn: tokenSeconds,
      };
    },
  };
}
