import { clouds, type EntraCloud, issuerOf } from "../domain/clouds.ts";
import { entraTenantIdSchema } from "../domain/ids.schema.ts";
import type { EntraTenantId } from "../domain/ids.ts";
import type { Telemetry } from "../domain/telemetry.ts";
import { answerBytesMax } from "./bounded-fetch.ts";
import { readAnswer } from "./http-answer.ts";
import { toTokenError } from "./judge-answer.ts";
import { MicrosoftError } from "./microsoft-error.ts";

const timeoutMs = 10_000;

/**
 * The directory in which a domain is verified, as the domain's own discovery document says it; undefined where Microsoft
 * knows no such domain in this cloud.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc (read November 2026)
 * @throws {MicrosoftError} microsoft_unavailable, microsoft_throttled: nobody knows
 */
export async function tenantOfDomain(
  cloud: EntraCloud,
  domain: string,
  options: { telemetry: Telemetry; signal?: AbortSignal; timeoutMs?: number | undefined },
): Promise<EntraTenantId | undefined> {
  const url = new URL(
    `/${encodeURIComponent(domain)}/v2.0/.well-known/openid-configuration`,
    cloud.loginOrigin,
  );
  const answer = await readAnswer(
    { name: "discovery", telemetry: options.telemetry },
    (signal) => fetch(url, { redirect: "manual", signal }),
    { timeoutMs: options.timeoutMs ?? timeoutMs, bytesMax: answerBytesMax.login },
    options.signal,
  );
  // Whatever the words are: it is no tenant, or no name that could be one's.
  if (answer.status === 400 || answer.status === 404) return undefined;
  if (answer.status !== 200) throw toTokenError(answer);
  const { issuer } = (answer.json ?? {}) as { issuer?: unknown };
  const named = typeof issuer === "string" ? /\/([0-9a-f-]{36})\/v2\.0$/i.exec(issuer)?.[1] : undefined;
  const tenantId = entraTenantIdSchema.safeParse(named);
  if (tenantId.success && issuer === issuerOf(cloud, tenantId.data)) return tenantId.data;
  // A directory of another of Microsoft's clouds is told with that cloud's addresses: it is none here.
  if (tenantId.success && isOfAnotherCloud(issuer as string, cloud)) return undefined;
  throw new MicrosoftError("microsoft_unavailable", { status: 200, reason: "unreadable_discovery" });
}

function isOfAnotherCloud(issuer: string, { loginOrigin }: EntraCloud): boolean {
  return Object.values(clouds).some(
    (other) => other.loginOrigin !== loginOrigin && issuer.startsWith(`${other.loginOrigin}/`),
  );
}
