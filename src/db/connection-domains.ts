import { and, asc, desc, eq, inArray, isNotNull, isNull, lt, or, sql } from "drizzle-orm";
import type { ConnectionId, EntraTenantId, ProjectId } from "../domain/ids.ts";
import { liveStatuses } from "../domain/sso-connection.ts";
import type { Database } from "./client.ts";
import { ssoConnections } from "./schema.ts";

/** A domain that was said to be a connection's. */
export interface DueDomain {
  readonly id: ConnectionId;
  readonly entraTenantId: EntraTenantId;
  readonly domain: string;
}

/**
 * Takes domains that nobody has looked at for a day, never looked at ones first. Whoever takes them and dies, or gets no
 * answer, leaves them due again after an hour.
 */
export async function claimDueDomains(database: Database, limit: number): Promise<DueDomain[]> {
  const lookedAt = ssoConnections.domainLookedAt;
  return database.transaction(async (q) => {
    const due = await q
      .select({ id: ssoConnections.id })
      .from(ssoConnections)
      .where(
        and(
          inArray(ssoConnections.status, [...liveStatuses]),
          isNotNull(ssoConnections.provedDomain),
          or(isNull(lookedAt), lt(lookedAt, sql`now() - interval '1 day'`)),
        ),
      )
      .orderBy(sql`${lookedAt} asc nulls first`, asc(ssoConnections.id))
      .limit(limit)
      .for("update", { skipLocked: true });
    if (due.length === 0) return [];
    const taken = await q
      .update(ssoConnections)
      .set({ domainLookedAt: sql`now() - interval '23 hours'` })
      .where(
        inArray(
          ssoConnections.id,
          due.map(({ id }) => id),
        ),
      )
      .returning({
        id: ssoConnections.id,
        entraTenantId: ssoConnections.entraTenantId,
        domain: ssoConnections.provedDomain,
      });
    return taken as DueDomain[];
  });
}

/** Notes whether the domain is the tenant's, for as long as a day. Nothing happens where another was proved meanwhile. */
export async function recordDomain(
  database: Database,
  { id, domain }: DueDomain,
  holds: boolean,
): Promise<void> {
  await database.run((q) =>
    q
      .update(ssoConnections)
      .set({ entraDomain: holds ? domain : null, domainLookedAt: sql`now()` })
      .where(and(eq(ssoConnections.id, id), eq(ssoConnections.provedDomain, domain))),
  );
}

/** The directory of a live connection whose domain this is, as Microsoft said last. */
export async function findTenantOfDomain(
  database: Database,
  { projectId, domain }: { projectId: ProjectId; domain: string },
): Promise<EntraTenantId | undefined> {
  const [found] = await database.run((q) =>
    q
      .select({ tenantId: ssoConnections.entraTenantId })
      .from(ssoConnections)
      .where(
        and(
          eq(ssoConnections.projectId, projectId),
          eq(ssoConnections.entraDomain, domain),
          inArray(ssoConnections.status, [...liveStatuses]),
        ),
      )
      .orderBy(desc(ssoConnections.domainLookedAt))
      .limit(1),
  );
  return found?.tenantId as EntraTenantId | undefined;
}
