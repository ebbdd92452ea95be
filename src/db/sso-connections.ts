import { and, eq, isNull, sql } from "drizzle-orm";
import type { AppClientId, ConnectionId, EntraTenantId, OrgId } from "../domain/ids.ts";
import type { SsoConnection } from "../domain/sso-connection.ts";
import type { Database, Queries } from "./client.ts";
import { toConnection } from "./rows.ts";
import { ssoConnections } from "./schema.ts";

export async function findConnection(
  database: Database,
  id: ConnectionId,
): Promise<SsoConnection | undefined> {
  const rows = await database.run((q) => q.select().from(ssoConnections).where(eq(ssoConnections.id, id)));
  return rows[0] && toConnection(rows[0]);
}

/** The live connection of an organization and tenant: what a reconnect keeps. */
export async function findLiveConnection(
  queries: Queries,
  key: { orgId: OrgId; entraTenantId: EntraTenantId },
): Promise<SsoConnection | undefined> {
  const rows = await queries
    .select()
    .from(ssoConnections)
    .where(
      and(
        eq(ssoConnections.orgId, key.orgId),
        eq(ssoConnections.entraTenantId, key.entraTenantId),
        eq(ssoConnections.status, "active"),
      ),
    );
  return rows[0] && toConnection(rows[0]);
}

/** Oldest first. */
export async function listConnections(database: Database, orgId: OrgId): Promise<SsoConnection[]> {
  const rows = await database.run((q) =>
    q.select().from(ssoConnections).where(eq(ssoConnections.orgId, orgId)).orderBy(ssoConnections.createdAt),
  );
  return rows.map(toConnection);
}

/** Notes that an administrator consented for all users of the application. Repeat: keeps the first time. */
export async function recordUsersConsent(
  database: Database,
  id: ConnectionId,
  appId: AppClientId,
): Promise<void> {
  await database.run((q) =>
    q
      .update(ssoConnections)
      .set({ usersConsentedAt: sql`now()` })
      .where(
        and(
          eq(ssoConnections.id, id),
          eq(ssoConnections.appId, appId),
          isNull(ssoConnections.usersConsentedAt),
        ),
      ),
  );
}
