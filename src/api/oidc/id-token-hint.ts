import { createLocalJWKSet, decodeJwt, errors, jwtVerify } from "jose";
import { z } from "zod";
import { requireKeyed } from "../browser/sign-in-routes.ts";
import type { ApiDeps } from "../deps.ts";

/** What an ID token of ours says of a sign-in, however old it is. */
const hintSchema = z
  .object({ aud: z.string(), sub: z.string(), sid: z.string(), tid: z.string(), organization_id: z.string() })
  .transform(({ aud: clientId, organization_id: organizationId, ...who }) => ({
    clientId,
    organizationId,
    ...who,
  }));
export type IdTokenHint = z.infer<typeof hintSchema>;

/**
 * Reads `id_token_hint`. Its end does not matter: it says who was here, not who is.
 * @returns undefined for what is no ID token of ours, or signed by a key that is gone
 */
export async function readIdTokenHint(deps: ApiDeps, token: string): Promise<IdTokenHint | undefined> {
  const keys = createLocalJWKSet(await requireKeyed(deps).signingKeys.published());
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer: deps.config.ssoOrigin,
      algorithms: ["RS256"],
      currentDate: new Date(0),
    });
    return hintSchema.safeParse(payload).data;
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

/**
 * The client that a token names, whoever signed it: as much worth as a `client_id`. Applications keep ID tokens for
 * longer than keys stay published, and many name themselves by nothing else when they sign out.
 */
export function clientNamedBy(token: string): string | undefined {
  try {
    const { aud } = decodeJwt(token);
    return typeof aud === "string" ? aud : undefined;
  } catch {
    return undefined;
  }
}
