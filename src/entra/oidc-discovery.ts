import { z } from "zod";
import { type EntraCloud, issuerOf } from "../domain/clouds.ts";
import type { EntraTenantId } from "../domain/ids.ts";
import type { Telemetry } from "../domain/telemetry.ts";
import { answerBytesMax } from "./bounded-fetch.ts";
import { readAnswer } from "./http-answer.ts";
import { MicrosoftError } from "./microsoft-error.ts";
import { toTokenError } from "./judge-answer.ts";

const metadataSchema = z.object({
  issuer: z.string(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  jwks_uri: z.url(),
});
export type TenantMetadata = z.infer<typeof metadataSchema>;

const discoveryTimeoutMs = 10_000;

/**
 * Fetches a tenant's discovery document (OpenID Connect Discovery 1.0 section 4) and requires the exact issuer of the
 * tenant and endpoints on the configured login host.
 * @throws {MicrosoftError} tenant_not_found, issuer_mismatch, microsoft_unavailable
 */
export async function discoverTenant(
  cloud: EntraCloud,
  tenantId: EntraTenantId,
  options: { telemetry: Telemetry; signal?: AbortSignal; timeoutMs?: number | undefined },
): Promise<TenantMetadata> {
  const issuer = issuerOf(cloud, tenantId);
  const answer = await readAnswer(
    { name: "discovery", telemetry: options.telemetry },
    (signal) => fetch(`${issuer}/.well-known/openid-configuration`, { redirect: "manual", signal }),
    { timeoutMs: options.timeoutMs ?? discoveryTimeoutMs, bytesMax: answerBytesMax.login },
    options.signal,
  );
  if (answer.status !== 200) throw toTokenError(answer);
  const parsed = metadataSchema.safeParse(answer.json);
  if (!parsed.success)
    throw new MicrosoftError("microsoft_unavailable", { status: 200, reason: "unreadable_discovery" });
  const { data } = parsed;
  const pinned = [data.authorization_endpoint, data.token_endpoint, data.jwks_uri].every(
    (url) => new URL(url).origin === cloud.loginOrigin,
  );
  if (data.issuer !== issuer || !pinned)
    throw new MicrosoftError("issuer_mismatch", { status: 200, reason: "discovery" });
  return data;
}
