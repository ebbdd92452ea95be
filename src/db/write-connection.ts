import { type AnyColumn, and, eq, inArray, sql } from "drizzle-orm";
import { userIdOf } from "../domain/actor.ts";
import { CodedError } from "../domain/coded-error.ts";
import type { ConnectionOperation, ApplicationIds } from "../domain/connection-operation.ts";
import { factsOfKind } from "../domain/operation-kinds.ts";
import type { StoredSecret } from "../domain/provision-activities.ts";
import { liveStatuses } from "../domain/sso-connection.ts";
import type { Queries } from "./queries.ts";
import { ssoConnections } from "./schema.ts";

/** What a run writes into its connection. */
export type ConnectionFacts = ApplicationIds &
  StoredSecret & { readonly issuer: string; readonly redirectUri: string };

/** Makes the connection of a run, or repairs it, in the transaction that ends the run. */
export async function writeConnection(
  q: Queries,
  operation: ConnectionOperation,
  facts: ConnectionFacts,
): Promise<{ created: boolean }> {
  switch (factsOfKind(operation.kind).writes) {
    case "connection":
      return makeConnection(q, operation, facts);
    case "secret":
      await switchSecret(q, operation, facts);
      break;
    case "restored":
      await bringBack(q, operation, facts);
      break;
    case "nothing":
      throw new CodedError("internal", `${operation.kind} writes no connection`);
  }
  return { created: false };
}

function changesOf(operation: ConnectionOperation, facts: ConnectionFacts) {
  const { issuer: _issuer, redirectUri: _uri, secretExpiresAt, ...switched } = facts;
  const kept = (column: AnyColumn) =>
    sql`case when ${ssoConnections.appId} = ${facts.appId} and ${ssoConnections.servicePrincipalId} = ${facts.servicePrincipalId} then ${column} end`;
  return {
    ...switched,
    secretExpiresAt: new Date(secretExpiresAt),
    secretSetAt: sql`now()`,
    renewalErrorCode: null,
    // Whoever got this far has the access, whoever gave it again.
    accessReleasedAt: null,
    // A consent belongs to the service principal: it outlives a reconnect, and a new one starts without.
    usersConsentedAt: operation.usersConsented ? sql`now()` : kept(ssoConnections.usersConsentedAt),
    usersConsentMissingAt: operation.usersConsented ? null : kept(ssoConnections.usersConsentMissingAt),
    usersConsentBy: operation.usersConsented ? "grants" : kept(ssoConnections.usersConsentBy),
    // Sign-ins under way know the application of before.
    // One that holds stays: another administrator's may be one that nobody writes.
    provedDomain: sql`case when ${ssoConnections.entraDomain} is null then coalesce(${operation.provedDomain}, ${ssoConnections.provedDomain}) else ${ssoConnections.provedDomain} end`,
    epoch: sql`${ssoConnections.epoch} + (${ssoConnections.appId} <> ${facts.appId})::int`,
    updatedAt: sql`now()`,
  };
}

/** A connection that is there, suspended or not; its addresses stay what the application was configured with. */
async function switchSecret(
  q: Queries,
  operation: ConnectionOperation,
  facts: ConnectionFacts,
): Promise<void> {
  const rows = await q
    .update(ssoConnections)
    .set(changesOf(operation, facts))
    .where(
      and(eq(ssoConnections.id, operation.connectionId), inArray(ssoConnections.status, [...liveStatuses])),
    )
    .returning({ id: ssoConnections.id });
  if (!rows[0]) throw new CodedError("connection_disconnected");
}

/** The connection that was disconnected, under its id; sign-ins of before stay ended. */
async function bringBack(q: Queries, operation: ConnectionOperation, facts: ConnectionFacts): Promise<void> {
  const rows = await q
    .update(ssoConnections)
    .set({
      ...changesOf(operation, facts),
      status: "active",
      disconnectedAt: null,
      switchedOffBy: [],
      accessErrorCode: null,
      epoch: sql`${ssoConnections.epoch} + 1`,
    })
    .where(and(eq(ssoConnections.id, operation.connectionId), eq(ssoConnections.status, "disconnected")))
    .returning({ id: ssoConnections.id });
  if (!rows[0]) throw new CodedError("not_disconnected");
}

async function makeConnection(
  q: Queries,
  operation: ConnectionOperation,
  facts: ConnectionFacts,
): Promise<{ created: boolean }> {
  const { issuer, redirectUri } = facts;
  const changes = changesOf(operation, facts);
  // Without a choice an application keeps what it has.
  const chosen = {
    configuredBy: userIdOf(operation.requestedBy) ?? operation.requestedBy,
    ...(operation.access === null ? {} : { access: operation.access, accessErrorCode: null }),
  };
  const { epoch: _epoch, updatedAt: _updatedAt, ...first } = changes;
  const written = await q
    .insert(ssoConnections)
    .values({
      ...first,
      issuer,
      redirectUri,
      ...chosen,
      access: operation.access ?? "everyone",
      provedDomain: operation.provedDomain,
      usersConsentedAt: operation.usersConsented ? sql`now()` : null,
      usersConsentMissingAt: null,
      usersConsentBy: operation.usersConsented ? "grants" : null,
      id: operation.connectionId,
      projectId: operation.projectId,
      orgId: operation.orgId,
      entraTenantId: operation.entraTenantId,
      protocol: "oidc",
      provider: "entra",
      status: "active",
      managedBy: "microsoft_graph",
    })
    .onConflictDoUpdate({
      target: ssoConnections.id,
      set: { ...changes, domainLookedAt: null, issuer, redirectUri, ...chosen },
      // Suspended while the run was under way: "connected" would not be true.
      setWhere: eq(ssoConnections.status, "active"),
    })
    // A row that was there has been locked by this very statement.
    .returning({ created: sql<boolean>`xmax = 0` });
  if (!written[0]) throw new CodedError("connection_suspended");
  return { created: written[0].created };
}
