import { CodedError } from "../domain/coded-error.ts";
import type { EntraCloud } from "../domain/clouds.ts";
import { factsOf } from "../domain/error-codes.ts";
import { createFetchBucket } from "../domain/fetch-bucket.ts";
import { createForgivenCounts } from "../domain/forgiven-counts.ts";
import type { EntraTenantId } from "../domain/ids.ts";
import type { Telemetry } from "../domain/telemetry.ts";
import { createFetchCache } from "./fetch-cache.ts";
import { MicrosoftError } from "./microsoft-error.ts";
import { tenantOfDomain } from "./tenant-of-domain.ts";

/** Whose domains are, while people wait. */
export interface DomainDirectories {
  /**
   * The directory in which a domain is verified, as Microsoft said within the hour; undefined where it knows none, or
   * takes the domain for none.
   * @param visitor the network address of who typed it
   * @throws {CodedError} too_many_unknown_organizations; service_unavailable where nobody knows for now
   */
  tenantOf(domain: string, visitor: string): Promise<EntraTenantId | undefined>;
}

const domainsMax = 5000;
const goodForMs = { found: 60 * 60_000, unknown: 5 * 60_000 };
const timeoutMs = 5000;
/** What strangers can have asked, each by themselves and all of them: so many at once, then one in that time. */
const ofVisitor = { max: 20, forgivenAfterMs: 3000 };
const ofAll = { size: 100, refillMs: 100 };

/** Make one for each process: it remembers what it was told. */
export function createDomainDirectories(microsoft: {
  cloud: EntraCloud;
  telemetry: Telemetry;
}): DomainDirectories {
  const cache = createFetchCache<EntraTenantId | undefined>(domainsMax);
  const asked = createForgivenCounts(ofVisitor);
  const bucket = createFetchBucket(ofAll);
  return {
    async tenantOf(domain, visitor) {
      try {
        return await cache.get(domain, async () => {
          const retryAfterMs = asked.waitMs(visitor);
          if (retryAfterMs > 0)
            throw new CodedError("too_many_unknown_organizations", undefined, { retryAfterMs });
          asked.add(visitor);
          if (!bucket.take()) throw unavailable(bucket.waitMs());
          const { cloud, telemetry } = microsoft;
          const value = await tenantOfDomain(cloud, domain, { telemetry, timeoutMs });
          return { value, goodForMs: value === undefined ? goodForMs.unknown : goodForMs.found };
        });
      } catch (error) {
        if (!(error instanceof MicrosoftError)) throw error;
        if (factsOf(error.code).retryForMs > 0) throw unavailable(error.retryAfterMs);
        return undefined;
      }
    },
  };
}

const unavailable = (retryAfterMs: number | undefined): CodedError =>
  new CodedError("service_unavailable", undefined, { retryAfterMs });
