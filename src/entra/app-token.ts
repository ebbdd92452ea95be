import { decodeJwt } from "jose";
import { z } from "zod";
import type { EntraCloud } from "../domain/clouds.ts";
import type { EntraTenantId } from "../domain/ids.ts";
import type { SecretText } from "../domain/secret-text.ts";
import type { Telemetry } from "../domain/telemetry.ts";
import { answerBytesMax } from "./bounded-fetch.ts";
import { readAnswer } from "./http-answer.ts";
import { MicrosoftError } from "./microsoft-error.ts";
import { toTokenError } from "./token-errors.ts";

const tokenBody = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number().positive() });
/** Either role lets our app do everything this flow does; the second is the narrower. */
const sufficientRoles = ["Application.ReadWrite.All", "Application.ReadWrite.OwnedBy"];
const tokenTimeoutMs = 10_000;
const expirySkewMs = 5 * 60_000;

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
  /** A token that carries a sufficient role, cached until five minutes before its end; concurrent calls share one request. */
  get(tenantId: EntraTenantId, signal?: AbortSignal): Promise<string>;
  /** Whether the tenant's token carries an application role. */
  holdsRole(tenantId: EntraTenantId, role: string): Promise<boolean>;
  /** Forgets a tenant's token after Graph refused it. */
  drop(tenantId: EntraTenantId): void;
}

export function createAppTokens(app: {
  telemetry: Telemetry;
  cloud: EntraCloud;
  clientId: string;
  clientSecret: SecretText;
  timeoutMs?: number;
}): AppTokens {
  const cached = new Map<EntraTenantId, { accessToken: string; goodUntilMs: number }>();
  const inFlight = new Map<EntraTenantId, Promise<string>>();

  async function fetchToken(tenantId: EntraTenantId): Promise<string> {
    // Not tied to one caller's signal: others may be waiting for the same answer.
    const { accessToken, expiresInMs } = await requestAppToken({ ...app, tenantId });
    requireTenantAndRole(accessToken, tenantId);
    if (cached.size > 10_000) cached.clear();
    cached.set(tenantId, {
      accessToken,
      goodUntilMs: Date.now() + Math.max(expiresInMs - expirySkewMs, expiresInMs / 2),
    });
    return accessToken;
  }

  async function get(tenantId: EntraTenantId): Promise<string> {
    const known = cached.get(tenantId);
    if (known && known.goodUntilMs > Date.now()) return known.accessToken;
    const running = inFlight.get(tenantId) ?? fetchToken(tenantId).finally(() => inFlight.delete(tenantId));
    inFlight.set(tenantId, running);
    return running;
  }

  return {
    get,
    holdsRole: async (tenantId, role) => readClaims(await get(tenantId))?.roles?.includes(role) ?? false,
    drop: (tenantId) => void cached.delete(tenantId),
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

function readClaims(accessToken: string): { tid?: unknown; roles?: unknown[] } | undefined {
  try {
    const { tid, roles } = decodeJwt(accessToken);
    return { tid, ...(Array.isArray(roles) ? { roles } : {}) };
  } catch {
    return undefined;
  }
}
