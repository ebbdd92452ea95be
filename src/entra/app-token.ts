import { decodeJwt } from "jose";
import { z } from "zod";
import { CodedError } from "../domain/coded-error.ts";
import type { CredentialBreaker } from "../domain/credential-breaker.ts";
import type { EntraCloud } from "../domain/clouds.ts";
import type { EntraTenantId } from "../domain/ids.ts";
import type { SecretText } from "../domain/secret-text.ts";
import type { Telemetry } from "../domain/telemetry.ts";
import { answerBytesMax } from "./bounded-fetch.ts";
import { createFetchCache, type Fetched } from "./fetch-cache.ts";
import { readAnswer } from "./http-answer.ts";
import { MicrosoftError } from "./microsoft-error.ts";
import { isOwnCredentialRefused } from "./own-credential.ts";
import { toTokenError } from "./judge-answer.ts";

const tokenBody = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number().positive() });
/** Either role lets our app do everything this flow does; the second is the narrower. */
const sufficientRoles = ["Application.ReadWrite.All", "Application.ReadWrite.OwnedBy"];
const tokenTimeoutMs = 10_000;
const expirySkewMs = 5 * 60_000;
const tenantsMax = 10_000;

/**
 * Asks a tenant's token endpoint for an app-only token (client credentials, RFC 6749 section 4.4).
 * @throws {MicrosoftError} classified by `toTokenError`
 */
export async function requestAppToken(input: {
  telemetry: Telemetry;
  cloud: EntraCloud;
  tenantId: EntraTenantId;
  clientId: string;
  clientSecret: SecretText;
  newSecret?: boolean;
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
}): Promise<{ accessToken: string; expiresInMs: number }> {
  const answer = await readAnswer(
    { name: "app token", telemetry: input.telemetry },
    (signal) =>
      fetch(`${input.cloud.loginOrigin}/${input.tenantId}/oauth2/v2.0/token`, {
        method: "POST",
        redirect: "manual",
        signal,
        body: new URLSearchParams({
          grant_type: "client_credentials",
          client_id: input.clientId,
          client_secret: input.clientSecret.reveal(),
          scope: input.cloud.graphScope,
        }),
      }),
    { timeoutMs: input.timeoutMs ?? tokenTimeoutMs, bytesMax: answerBytesMax.login },
    input.signal,
  );
  if (answer.status !== 200) throw toTokenError(answer, input.newSecret);
  const body = tokenBody.safeParse(answer.json);
  if (!body.success)
    throw new MicrosoftError("microsoft_unavailable", { status: 200, reason: "unreadable_token_answer" });
  return { accessToken: body.data.access_token, expiresInMs: body.data.expires_in * 1000 };
}

/** App-only tokens of the provisioning app, one per tenant. */
export interface AppTokens {
  /** A token that carries a sufficient role, cached until five minutes before its end; concurrent calls share one request, and one failure. */
  get(tenantId: EntraTenantId, signal?: AbortSignal): Promise<string>;
  /** Whether the tenant's token carries an application role. */
  holdsRole(tenantId: EntraTenantId, role: string): Promise<boolean>;
  /** Forgets a tenant's token after Graph refused it. */
  drop(tenantId: EntraTenantId): void;
}

export function createAppTokens(app: {
  telemetry: Telemetry;
  /** Asked before the credential is sent, and told when it is refused. */
  breaker?: Pick<CredentialBreaker, "requireClosed" | "refused"> | undefined;
  cloud: EntraCloud;
  clientId: string;
  clientSecret: SecretText;
  timeoutMs?: number;
}): AppTokens {
  const cache = createFetchCache<string>(tenantsMax);

  async function fetchToken(tenantId: EntraTenantId): Promise<Fetched<string>> {
    // Not tied to one caller's signal: others may be waiting for the same answer.
    await whileAway(app.breaker?.requireClosed());
    const { accessToken, expiresInMs } = await requestAppToken({ ...app, tenantId }).catch(
      async (error: unknown) => {
        if (isOwnCredentialRefused(error)) await whileAway(app.breaker?.refused(tenantId));
        throw error;
      },
    );
    requireTenantAndRole(accessToken, tenantId);
    return { value: accessToken, goodForMs: Math.max(expiresInMs - expirySkewMs, expiresInMs / 2) };
  }

  const get = (tenantId: EntraTenantId): Promise<string> => cache.get(tenantId, () => fetchToken(tenantId));

  return {
    get,
    holdsRole: async (tenantId, role) => readClaims(await get(tenantId))?.roles?.includes(role) ?? false,
    drop: (tenantId) => cache.drop(tenantId),
  };
}

/**
 * Entra issues a token even where the app holds no role, and such a token stays useless for its whole hour: refuse it
 * before it is cached. A token that cannot be read is passed on, since its format is formally Graph's own business.
 */
function requireTenantAndRole(accessToken: string, tenantId: EntraTenantId): void {
  const claims = readClaims(accessToken);
  if (claims === undefined) return;
  if (claims.tid !== undefined && claims.tid !== tenantId)
    throw new MicrosoftError("microsoft_refused_request", { status: 200, reason: "token_of_another_tenant" });
  if (!sufficientRoles.some((role) => claims.roles?.includes(role)))
    throw new MicrosoftError("consent_not_effective", { status: 200, reason: "token_without_role" });
}

/** A breaker that cannot be asked holds nobody up. @throws {CodedError} what it says of the credential */
async function whileAway(asked: Promise<void> | undefined): Promise<void> {
  await asked?.catch((error: unknown) => {
    if (error instanceof CodedError) throw error;
  });
}

function readClaims(accessToken: string): { tid?: unknown; roles?: unknown[] } | undefined {
  try {
    const { tid, roles } = decodeJwt(accessToken);
    // Ours are in lower case.
    const tenant = typeof tid === "string" ? tid.toLowerCase() : tid;
    return { tid: tenant, ...(Array.isArray(roles) ? { roles } : {}) };
  } catch {
    return undefined;
  }
}
