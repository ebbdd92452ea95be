import * as oidc from "openid-client";
import { type EntraCloud, issuerOf } from "../domain/clouds.ts";
import type { EntraTenantId } from "../domain/ids.ts";
import type { SecretText } from "../domain/secret-text.ts";
import type { Telemetry } from "../domain/telemetry.ts";
import { exchangeFetch } from "./exchange-fetch.ts";
import { type ExpectedToken, type IdTokenClaims, readIdToken } from "./id-token.ts";
import { KeyNotPublishedError } from "./id-token-key.ts";
import { tenantMetadata } from "./tenant-metadata.ts";

const timeoutSeconds = 8;

/** Who exchanges a code at a tenant's token endpoint. */
export interface ExchangingClient {
  readonly telemetry: Telemetry;
  readonly cloud: EntraCloud;
  readonly clientId: string;
  readonly clientSecret: SecretText;
  readonly allowInsecure: boolean;
  /** Administrators of the tenant may have given the application a signing key of its own. */
  readonly mayHaveOwnKeys?: true;
}

/** The answer that a browser brought, and what it is held against. */
export interface BroughtCode extends Pick<ExpectedToken, "nonce" | "invalid"> {
  /** The redirect URI with the answer's query. */
  readonly callback: URL;
  readonly state: string;
  readonly verifier: string;
}

/**
 * One code for the claims of its id_token, with PKCE. openid-client makes the call and reads refusals; the token is
 * judged by us, also in its signature.
 * @throws whatever openid-client, `tenantMetadata` and `readIdToken` throw: for `judgeExchange`
 */
export async function exchangeCode(
  client: ExchangingClient,
  tenantId: EntraTenantId,
  { callback, state, verifier, ...expected }: BroughtCode,
): Promise<IdTokenClaims> {
  const { clientId, cloud } = client;
  const metadata = await tenantMetadata(client, tenantId);
  const exchange = exchangeFetch(client.telemetry);
  const secret = oidc.ClientSecretPost(client.clientSecret.reveal());
  const configuration = new oidc.Configuration(metadata, clientId, undefined, secret);
  configuration.timeout = timeoutSeconds;
  configuration[oidc.customFetch] = exchange.fetch;
  if (client.allowInsecure) oidc.allowInsecureRequests(configuration);
  await oidc.authorizationCodeGrant(configuration, callback, {
    expectedState: state,
    pkceCodeVerifier: verifier,
  });
  try {
    const issuer = issuerOf(cloud, tenantId);
    return await readIdToken(exchange.idToken(), {
      ...expected,
      issuer,
      clientId,
      keysUrl: metadata.jwks_uri,
      ownKeysUrl: client.mayHaveOwnKeys && ownKeysOf(metadata.jwks_uri, clientId),
    });
  } catch (error) {
    if (error instanceof KeyNotPublishedError) exchange.keepWaiting();
    throw error;
  }
}

function ownKeysOf(keysUrl: string, clientId: string): string {
  const url = new URL(keysUrl);
  url.searchParams.set("appid", clientId);
  return url.href;
}
