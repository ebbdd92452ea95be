import { createHash, randomUUID } from "node:crypto";
import type { SimulatedTenant } from "./directory.ts";
import type { IssuedCode } from "./sign-ins.ts";
import type { World } from "./world.ts";

/** What an id_token says about the person who has this code. */
export function idTokenClaims(world: World, issued: IssuedCode): Record<string, unknown> {
  const { tenant, user, clientId } = issued;
  return {
    sub: createHash("sha256").update(`${clientId}|${user.id}`).digest("base64url"),
    oid: user.id,
    name: user.name,
    preferred_username: user.email,
    email: user.email,
    xms_edov: true,
    nonce: issued.nonce,
    acct: user.guest ? 1 : 0,
    ...(asksFor(tenant, clientId, "auth_time") ? { auth_time: Math.floor(issued.authTimeMs / 1000) } : {}),
    ...(clientId === world.provisioningApp.clientId ? { wids: user.roles } : groupClaims(world)),
    ...world.realism.idTokenClaims,
  };
}

/** Whether the registration has an optional claim. */
function asksFor(tenant: SimulatedTenant, clientId: string, claim: string): boolean {
  const application = tenant.applications.find(({ appId }) => appId === clientId);
  const claims = application?.properties["optionalClaims"] as { idToken?: { name: string }[] } | null;
  return claims?.idToken?.some(({ name }) => name === claim) === true;
}

/** Microsoft sends a pointer in place of more than 200 groups. */
function groupClaims(world: World): Record<string, unknown> {
  return world.realism.groupsOverage
    ? {
        _claim_names: { groups: "src1" },
        _claim_sources: { src1: { endpoint: "https://graph.windows.net/simulated/getMemberObjects" } },
      }
    : { groups: [randomUUID()] };
}
