import { and, eq, gt, inArray, or } from "drizzle-orm";
import type { ConnectionId, EntraTenantId, OrgId, ProjectId } from "../domain/ids.ts";
import { type ConnectionStatus, liveStatuses, type SsoConnection } from "../domain/sso-connection.ts";
import type { Database } from "./client.ts";
import type { Queries } from "./queries.ts";
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
        inArray(ssoConnections.status, [...liveStatuses]),
      ),
    );
  return rows[0] && toConnection(rows[0]);
}

/** Whether a disconnected connection's directory has been connected since, whatever became of that connection. */
export async function wasConnectedAnew(queries: Queries, connection: SsoConnection): Promise<boolean> {
  return (await listConnectedAnew(queries, [connection])).has(connection.id);
}

/** Of disconnected connections those whose directory has been connected since; live ones are none of them. */
export async function listConnectedAnew(
  queries: Queries,
  connections: readonly SsoConnection[],
): Promise<ReadonlySet<ConnectionId>> {
  const ended = connections.filter(({ status }) => status === "disconnected");
  if (ended.length === 0) return new Set();
  const { id, orgId, entraTenantId, status, createdAt } = ssoConnections;
  const rows = await queries
    .select({ id, orgId, entraTenantId, status, createdAt })
    .from(ssoConnections)
    .where(
      and(
        inArray(orgId, [...new Set(ended.map((one) => one.orgId))]),
        inArray(entraTenantId, [...new Set(ended.map((one) => one.entraTenantId))]),
      ),
    );
  const anew = ended.filter((one) =>
    rows.some(
      (row) =>
        row.id !== one.id &&
        row.orgId === one.orgId &&
        row.entraTenantId === one.entraTenantId &&
        // A live one is newer whatever the clocks said: there is one at a time.
        (row.status !== "disconnected" || row.createdAt > (one.disconnectedAt ?? one.updatedAt)),
    ),
  );
  return new Set(anew.map((one) => one.id));
}

/** An organization's connections whatever their status, oldest first. */
export async function listConnections(
  database: Database,
  { projectId, orgId }: { projectId: ProjectId; orgId: OrgId },
): Promise<SsoConnection[]> {
  const rows = await database.run((q) =>
    q
      .select()
      .from(ssoConnections)
      .where(and(eq(ssoConnections.projectId, projectId), eq(ssoConnections.orgId, orgId)))
      .orderBy(ssoConnections.createdAt, ssoConnections.id),
  );
  return rows.map(toConnection);
}

/**
 * Some of an organization's connections, oldest first, from behind one of them. Undefined where that is none of theirs.
 */
export async function listConnectionsAfter(
  database: Database,
  { projectId, orgId }: { projectId: ProjectId; orgId: OrgId },
  page: { readonly limit: number; readonly after: string | undefined },
): Promise<SsoConnection[] | undefined> {
  const { createdAt, id } = ssoConnections;
  const own = and(eq(ssoConnections.projectId, projectId), eq(ssoConnections.orgId, orgId));
  return database.run(async (q) => {
    const [cursor] =
      page.after === undefined
        ? []
        : await q
            .select({ createdAt, id })
            .from(ssoConnections)
            .where(and(own, eq(id, page.after)));
    if (page.after !== undefined && !cursor) return undefined;
    const behind =
      cursor && or(gt(createdAt, cursor.createdAt), and(eq(createdAt, cursor.createdAt), gt(id, cursor.id)));
    const rows = await q
      .select()
      .from(ssoConnections)
      .where(and(own, behind))
      .orderBy(createdAt, id)
      .limit(page.limit);
    return rows.map(toConnection);
  });
}

/** Live connections of a project that fit whatever is given. Two at most: more than one is ambiguous anyhow. */
export async function listConnectionsOf(
  database: Database,
  given: {
    projectId: ProjectId;
    id: string | undefined;
    orgId: string | undefined;
    tenantId: string | undefined;
  },
): Promise<SsoConnection[]> {
  const fits = [
    eq(ssoConnections.projectId, given.projectId),
    inArray(ssoConnections.status, [...liveStatuses]),
    given.id === undefined ? undefined : eq(ssoConnections.id, given.id),
    given.orgId === undefined ? undefined : eq(ssoConnections.orgId, given.orgId),
    given.tenantId === undefined ? undefined : eq(ssoConnections.entraTenantId, given.tenantId),
  ];
  const rows = await database.run((q) =>
    q
      .select()
      .from(ssoConnections)
      .where(and(...fits))
      .limit(2),
  );
  return rows.map(toConnection);
}

/** True when a connection, of any status or of one of these, names the application: such an application is not deleted. */
export async function isNamedByConnection(
  database: Database,
  appObjectId: string,
  statuses?: readonly ConnectionStatus[],
): Promise<boolean> {
  const rows = await database.run((q) =>
    q
      .select({ id: ssoConnections.id })
      .from(ssoConnections)
      .where(
        and(
          eq(ssoConnections.appObjectId, appObjectId),
          statuses && inArray(ssoConnections.status, [...statuses]),
        ),
      ),
  );
  return rows.length > 0;
}
