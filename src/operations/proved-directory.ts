import { readDomain } from "../domain/entra-domain.ts";
import { CodedError } from "../domain/coded-error.ts";
import type { EntraCloud } from "../domain/clouds.ts";
import type { EntraTenantId } from "../domain/ids.ts";
import type { Telemetry } from "../domain/telemetry.ts";
import { tenantOfDomain } from "../entra/tenant-of-domain.ts";

/** What discovery says of a directory that an administrator proved by a link. */
export interface DirectoryLook {
  /** The domain of the administrator's user name, where its own discovery leads to this directory. */
  readonly domain: string | undefined;
  /** The link was made for a domain that does not lead here, or nobody could tell: the owner types this to confirm. */
  readonly toType: string | undefined;
}

const lookMs = 4000;

/** Asks Microsoft for both domains at once. Never throws: what nobody could tell counts as not leading here. */
export async function lookAtDirectory({
  ctx,
  input,
}: {
  ctx: { readonly cloud: EntraCloud; readonly telemetry: Telemetry };
  input: {
    readonly entraTenantId: EntraTenantId;
    readonly provedDomain: string | null;
    /** The link's, if it has one. */
    readonly expectedDomain: string | null;
  };
}): Promise<DirectoryLook> {
  const leadsHere = async (domain: string | null): Promise<boolean> => {
    if (domain === null) return false;
    const options = { telemetry: ctx.telemetry, timeoutMs: lookMs };
    return tenantOfDomain(ctx.cloud, domain, options).then(
      (tenantId) => tenantId === input.entraTenantId,
      () => false,
    );
  };
  const [isDomains, isExpected] = await Promise.all([
    leadsHere(input.provedDomain),
    input.expectedDomain === null || leadsHere(input.expectedDomain),
  ]);
  const domain = (isDomains && input.provedDomain) || undefined;
  return { domain, toType: isExpected ? undefined : (domain ?? input.entraTenantId) };
}

/** @throws {CodedError} setup_domain_not_typed */
export function requireTyped({ toType }: DirectoryLook, typed: string | undefined): void {
  if (toType === undefined) return;
  const given = typed?.trim().toLowerCase() ?? "";
  if (given !== toType && readDomain(given) !== toType) throw new CodedError("setup_domain_not_typed");
}
