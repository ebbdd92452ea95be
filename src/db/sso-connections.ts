import { and, eq, inArray, sql } from "drizzle-orm";
import type { ConnectionId, EntraTenantId, OrgId, ProjectId } from "../domain/ids.ts";
import { CodedError } from "../domain/coded-error.ts";
import type { ApplicationIds, StoredSecret } from "../domain/provision-activities.ts";
import { liveStatuses, type SsoConnection } from "../domain/sso-connection.ts";
import type { Database, Queries } from "./client.ts";
import type { CurrentRequest } from "./provision-requests/run.ts";
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

/** Live connections of a project that fit whatever is given. Two at most: more than one is ambiguous anyhow. */
export async function listConnectionsOf(
  database: Database,
  given: {
    projectId: ProjectId;
    id: string | undefined;
    orgId: string | undefined;
    domain: string | undefined;
  },
): Promise<SsoConnection[]> {
  const fits = [
    eq(ssoConnections.projectId, given.projectId),
    inArray(ssoConnections.status, [...liveStatuses]),
    given.id === undefined ? undefined : eq(ssoConnections.id, given.id),
    given.orgId === undefined ? undefined : eq(ssoConnections.orgId, given.orgId),
    given.domain === undefined ? undefined : eq(ssoConnections.entraDomain, given.domain),
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

/** What a run writes into its connection. */
export type ConnectionFacts = ApplicationIds &
  StoredSecret & { readonly issuer: string; readonly redirectUri: string };

/**
 * Makes the connection of a run, or repairs it, in the transaction that ends the run. A renewal touches a connection that is
 * there; its addresses stay what the application was configured with.
 */
export async function writeConnection(
  q: Queries,
  request: CurrentRequest,
  facts: ConnectionFacts,
): Promise<{ created: boolean }> {
  const { issuer, redirectUri, ...switched } = facts;
  const changes = {
    ...switched,
    secretExpiresAt: new Date(facts.secretExpiresAt),
    renewalErrorCode: null,
  };
  // A consent belongs to the service principal: it outlives a reconnect, and a new one starts without.
  const usersConsentedAt = request.usersConsented
    ? sql`now()`
    : sql`case when ${ssoConnections.appId} = ${facts.appId} and ${ssoConnections.servicePrincipalId} = ${facts.servicePrincipalId} then ${ssoConnections.usersConsentedAt} end`;
  // Sign-ins under way know the application of before.
  const epoch = sql`${ssoConnections.epoch} + (${ssoConnections.appId} <> ${facts.appId})::int`;
  const update = { ...changes, usersConsentedAt, epoch, updatedAt: sql`now()` };
  if (request.kind === "renewal") {
    const rows = await q
      .update(ssoConnections)
      .set(update)
      .where(eq(ssoConnections.id, request.connectionId))
      .returning({ id: ssoConnections.id });
    if (!rows[0]) throw new CodedError("internal", "a renewal without its connection");
    return { created: false };
  }
  // Without a choice an application keeps what it has.
  const chosen = {
    configuredBy: request.startedBy,
    ...(request.access === null ? {} : { access: request.access }),
  };
  const written = await q
    .insert(ssoConnections)
    .values({
      ...changes,
      issuer,
      redirectUri,
      ...chosen,
      access: request.access ?? "everyone",
      usersConsentedAt: request.usersConsented ? sql`now()` : null,
      id: request.connectionId,
      projectId: request.projectId,
      orgId: request.orgId,
      entraTenantId: request.entraTenantId,
      protocol: "oidc",
      provider: "entra",
      status: "active",
      managedBy: "microsoft_graph",
    })
    .onConflictDoUpdate({
      target: ssoConnections.id,
      set: { ...update, issuer, redirectUri, ...chosen },
      // Suspended while the run was under way: "connected" would not be true.
      setWhere: eq(ssoConnections.status, "active"),
    })
    // A row that was there has been locked by this very statement.
    .returning({ created: sql<boolean>`xmax = 0` });
  if (!written[0]) throw new CodedError("connection_suspended");
  return { created: written[0].created };
}
