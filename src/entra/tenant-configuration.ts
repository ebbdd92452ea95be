import * as oidc from "openid-client";
import type { EntraCloud } from "../domain/clouds.ts";
import type { EntraTenantId } from "../domain/ids.ts";
import type { SecretText } from "../domain/secret-text.ts";
import { discoverTenant } from "./oidc-discovery.ts";

const clockToleranceSeconds = 60;
const timeoutSeconds = 8;

/**
 * An openid-client configuration for one client in one tenant, from a checked discovery document. Signatures of
 * id_tokens are verified, which openid-client leaves out by default for tokens from the token endpoint.
 */
export async function tenantConfiguration(
  client: { cloud: EntraCloud; clientId: string; clientSecret: SecretText; allowInsecure: boolean },
  tenantId: EntraTenantId,
): Promise<oidc.Configuration> {
  const metadata = await discoverTenant(client.cloud, tenantId);
  const configuration = new oidc.Configuration(
    metadata,
    client.clientId,
    { id_token_signed_response_alg: "RS256", [oidc.clockTolerance]: clockToleranceSeconds },
    oidc.ClientSecretPost(client.clientSecret.reveal()),
  );
  configuration.timeout = timeoutSeconds;
  oidc.enableNonRepudiationChecks(configuration);
  if (client.allowInsecure) oidc.allowInsecureRequests(configuration);
  return configuration;
}
