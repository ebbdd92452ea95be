import * as oidc from "openid-client";
import { type EntraCloud, issuerOf } from "../domain/clouds.ts";
import type { EntraTenantId } from "../domain/ids.ts";
import type { SecretText } from "../domain/secret-text.ts";
import type { Telemetry } from "../domain/telemetry.ts";
import { exchangeFetch } from "./exchange-fetch.ts";
import { discoverTenant, type TenantMetadata } from "./oidc-discovery.ts";

const clockToleranceSeconds = 60;
const timeoutSeconds = 8;

const metadataLifetimeMs = 5 * 60_000;
const tenantsMax = 1000;
/** By issuer. Only what passed the checks is kept. */
const metadataCache = new Map<string, { metadata: TenantMetadata; fetchedMs: number }>();

async function knownMetadata(
  { cloud, telemetry }: { cloud: EntraCloud; telemetry: Telemetry },
  tenantId: EntraTenantId,
): Promise<TenantMetadata> {
  const issuer = issuerOf(cloud, tenantId);
  const known = metadataCache.get(issuer);
  if (known && Date.now() - known.fetchedMs < metadataLifetimeMs) return known.metadata;
  const metadata = await discoverTenant(cloud, tenantId, { telemetry });
  if (metadataCache.size >= tenantsMax) metadataCache.clear();
  metadataCache.set(issuer, { metadata, fetchedMs: Date.now() });
  return metadata;
}

/**
 * An openid-client configuration for one code exchange in one tenant, from a checked discovery document. Signatures of
 * id_tokens are verified, which openid-client leaves out by default for tokens from the token endpoint.
 */
export async function tenantConfiguration(
  client: {
    telemetry: Telemetry;
    cloud: EntraCloud;
    clientId: string;
    clientSecret: SecretText;
    allowInsecure: boolean;
  },
  tenantId: EntraTenantId,
): Promise<oidc.Configuration> {
  const metadata = await knownMetadata(client, tenantId);
  const configuration = new oidc.Configuration(
    metadata,
    client.clientId,
    { id_token_signed_response_alg: "RS256", [oidc.clockTolerance]: clockToleranceSeconds },
    oidc.ClientSecretPost(client.clientSecret.reveal()),
  );
  configuration.timeout = timeoutSeconds;
  configuration[oidc.customFetch] = exchangeFetch(metadata.jwks_uri, client.telemetry);
  oidc.enableNonRepudiationChecks(configuration);
  if (client.allowInsecure) oidc.allowInsecureRequests(configuration);
  return configuration;
}
