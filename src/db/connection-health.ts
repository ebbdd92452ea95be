import { and, eq, gte, inArray, isNull, like, lte, notExists, or, sql } from "drizzle-orm";
import type { AttentionCode } from "../domain/attention.ts";
import { inHandStatuses } from "../domain/connection-operation.ts";
import {
  type ConnectionHealth,
  type Findings,
  findingsAfter,
  findingsAfterConnecting,
  sameReasons,
} from "../domain/connection-health.ts";
import type { ErrorCode } from "../domain/error-codes.ts";
import type { ConnectionId } from "../domain/ids.ts";
import { liveStatuses, type SsoConnection } from "../domain/sso-connection.ts";
import { noteGrants } from "./users-consent.ts";
import { appendAuditEvent } from "./audit-events.ts";
import type { Database } from "./client.ts";
import { lockConnection } from "./connection-status.ts";
import type { Queries } from "./queries.ts";
import { toConnection } from "./rows.ts";
import { connectionHealth, connectionOperations, ssoConnections } from "./schema.ts";

/** Times as SQL intervals. The schedule passes hourly, so a little less than a day keeps a look daily. */
const next = {
  /** Whoever claimed a look and died leaves it due again. */
  claimed: sql`now() + interval '1 hour'`,
  day: sql`now() + interval '23 hours'`,
  /** What one look saw is looked at again by the next pass. */
  second: sql`now() + interval '30 minutes'`,
  unread: sql`now() + interval '6 hours'`,
  /** What we have just written ourselves has spread by then. */
  written: sql`now() + interval '15 minutes'`,
};

/** A connection to look at, and when that began, by the database's clock. */
export interface DueLook {
  readonly connection: SsoConnection;
  readonly begunAt: string;
}

/**
 * Claims live connections of this sso origin that nobody has looked at for a day, longest due first; none to which
 * something is being done, or was within the last minutes.
 */
export async function claimDueLooks(
  database: Database,
  { ssoOrigin, limit }: { readonly ssoOrigin: string; readonly limit: number },
): Promise<DueLook[]> {
  return database.transaction(async (q) => {
    const busy = q
      .select({ id: connectionOperations.id })
      .from(connectionOperations)
      .where(
        and(
          eq(connectionOperations.connectionId, ssoConnections.id),
          or(
            inArray(connectionOperations.status, [...inHandStatuses]),
            gte(connectionOperations.completedAt, sql`now() - interval '15 minutes'`),
          ),
        ),
      );
    const due = await q
      .select({ connection: ssoConnections, begunAt: sql<string>`now()::text` })
      .from(ssoConnections)
      .leftJoin(connectionHealth, eq(connectionHealth.connectionId, ssoConnections.id))
      .where(
        and(
          inArray(ssoConnections.status, [...liveStatuses]),
          like(ssoConnections.redirectUri, `${ssoOrigin.replaceAll(/[%_\\]/g, "\\$&")}/%`),
          or(isNull(connectionHealth.dueAt), lte(connectionHealth.dueAt, sql`now()`)),
          notExists(busy),
        ),
      )
      .orderBy(sql`${connectionHealth.dueAt} asc nulls first`, ssoConnections.id)
      .limit(limit);
    if (due.length === 0) return [];
    // Of two who found the same one, the second meets a time that is not over.
    const claimed = await q
      .insert(connectionHealth)
      .values(due.map(({ connection }) => ({ connectionId: connection.id, dueAt: next.claimed })))
      .onConflictDoUpdate({
        target: connectionHealth.connectionId,
        set: { dueAt: next.claimed },
        setWhere: lte(connectionHealth.dueAt, sql`now()`),
      })
      .returning({ id: connectionHealth.connectionId });
    const ids = new Set(claimed.map(({ id }) => id));
    return due
      .filter(({ connection }) => ids.has(connection.id))
      .map(({ connection, begunAt }) => ({ connection: toConnection(connection), begunAt }));
  });
}

/**
 * Notes what a look saw, and tells once of each change of what needs attention. Nothing is noted where something was
 * done to the connection meanwhile: what was seen may be of before. What was read is within our reach: it is not
 * released any more.
 */
export async function recordLook(
  database: Database,
  { connection, begunAt }: DueLook,
  {
    seen,
    unknown,
    isConsentedForAll,
  }: {
    readonly seen: readonly AttentionCode[];
    /** What the look could not tell of: known before, it stays. */
    readonly unknown: readonly AttentionCode[];
    readonly isConsentedForAll: boolean | undefined;
  },
): Promise<Findings | undefined> {
  return database.transaction(async (q) => {
    const current = await lockConnection(q, connection.id, undefined);
    if (!isSame(connection, current) || (await wasTouched(q, connection.id, begunAt))) return undefined;
    const before = await lockHealth(q, connection.id);
    const staying = before.reasons.flatMap(({ code }) =>
      unknown.includes(code) && !seen.includes(code) ? [code] : [],
    );
    const findings = findingsAfter(before, [...seen, ...staying], new Date());
    await write(q, current, before, findings, {
      dueAt: findings.suspected.length > 0 ? next.second : next.day,
      lookedAt: sql`now()`,
      errorCode: null,
    });
    // Whoever reads all of it has the access, whoever gave it again.
    if (current.accessReleasedAt !== null)
      await q.update(ssoConnections).set({ accessReleasedAt: null }).where(eq(ssoConnections.id, current.id));
    // A consent that one look misses may be there all the same.
    const isMissing = findings.reasons.some(({ code }) => code === "users_consent_missing");
    if (isConsentedForAll !== false || isMissing) await noteGrants(q, current, isConsentedForAll);
    return findings;
  });
}

/** Notes that a look learned nothing: what was known stays, for unknown is no drift. */
export async function recordUnread(
  database: Database,
  id: ConnectionId,
  errorCode: ErrorCode,
): Promise<void> {
  await database.run((q) =>
    q
      .update(connectionHealth)
      .set({ errorCode, dueAt: next.unread })
      .where(eq(connectionHealth.connectionId, id)),
  );
}

/** The directory was connected again or restored, in that transaction: what that mends is over, and is looked at soon. */
export async function mendHealth(q: Queries, connection: Pick<SsoConnection, "id" | "projectId" | "orgId">) {
  await overcome(q, connection, findingsAfterConnecting);
}

/** Who may sign in is as the connection says, in that transaction. */
export async function mendAccess(q: Queries, connection: Pick<SsoConnection, "id" | "projectId" | "orgId">) {
  await overcome(q, connection, ({ reasons, suspected }) => ({
    reasons: reasons.filter(({ code }) => code !== "assignment_changed"),
    suspected: suspected.filter((code) => code !== "assignment_changed"),
  }));
}

/** Something that we know without looking, in that transaction; the next look that learns everything decides anew. */
export async function noteAttention(
  q: Queries,
  connection: Pick<SsoConnection, "id" | "projectId" | "orgId">,
  code: AttentionCode,
): Promise<void> {
  const row = { connectionId: connection.id, dueAt: next.day };
  await q.insert(connectionHealth).values(row).onConflictDoNothing();
  const before = await lockHealth(q, connection.id);
  const reasons = before.reasons.filter((reason) => reason.code !== code);
  const noted = { code, since: new Date().toISOString() };
  await write(q, connection, before, { ...before, reasons: [...reasons, noted] }, { dueAt: next.day });
}

/** Has the next pass look at it. */
export async function lookSoon(q: Queries, id: ConnectionId): Promise<void> {
  await q
    .update(connectionHealth)
    .set({ dueAt: sql`now()` })
    .where(eq(connectionHealth.connectionId, id));
}

/** What is known of connections; nothing of one that nobody has looked at. */
export async function listHealth(
  database: Database,
  ids: readonly ConnectionId[],
): Promise<ReadonlyMap<ConnectionId, ConnectionHealth>> {
  if (ids.length === 0) return new Map();
  const rows = await database.run((q) =>
    q
      .select()
      .from(connectionHealth)
      .where(inArray(connectionHealth.connectionId, [...ids])),
  );
  return new Map(rows.map((row) => [row.connectionId as ConnectionId, toHealth(row)]));
}

/** Whether something is known to need attention. */
export async function needsAttention(q: Queries, id: ConnectionId, code: AttentionCode): Promise<boolean> {
  return (await lockHealth(q, id)).reasons.some((reason) => reason.code === code);
}

async function overcome(
  q: Queries,
  connection: Pick<SsoConnection, "id" | "projectId" | "orgId">,
  left: (before: Findings) => Findings,
): Promise<void> {
  const before = await lockHealth(q, connection.id);
  await write(q, connection, before, left(before), { dueAt: next.written });
}

async function write(
  q: Queries,
  connection: Pick<SsoConnection, "id" | "projectId" | "orgId">,
  before: Findings,
  findings: Findings,
  more: object,
): Promise<void> {
  await q
    .update(connectionHealth)
    .set({ ...more, suspected: findings.suspected, reasons: findings.reasons })
    .where(eq(connectionHealth.connectionId, connection.id));
  if (sameReasons(before, findings)) return;
  const reasons = findings.reasons.map(({ code }) => code);
  await appendAuditEvent(q, {
    actor: "system",
    action: reasons.length > 0 ? "needs_attention" : "attention_over",
    connection,
    detail: { reasons },
  });
}

async function lockHealth(q: Queries, id: ConnectionId): Promise<ConnectionHealth> {
  const rows = await q
    .select()
    .from(connectionHealth)
    .where(eq(connectionHealth.connectionId, id))
    .for("update");
  return rows[0] ? toHealth(rows[0]) : { lookedAt: null, suspected: [], reasons: [], errorCode: null };
}

/** Written by this file alone, in the shapes that the type says. */
function toHealth(row: typeof connectionHealth.$inferSelect): ConnectionHealth {
  return row as unknown as ConnectionHealth;
}

function isSame(one: SsoConnection, other: SsoConnection): boolean {
  const facts = [
    "status",
    "appObjectId",
    "servicePrincipalId",
    "redirectUri",
    "secretKeyId",
    "access",
  ] as const;
  return facts.every((fact) => one[fact] === other[fact]);
}

async function wasTouched(q: Queries, id: ConnectionId, begunAt: string): Promise<boolean> {
  const rows = await q
    .select({ id: connectionOperations.id })
    .from(connectionOperations)
    .where(
      and(
        eq(connectionOperations.connectionId, id),
        or(
          inArray(connectionOperations.status, [...inHandStatuses]),
          sql`${connectionOperations.completedAt} >= ${begunAt}::timestamptz`,
        ),
      ),
    )
    .limit(1);
  return rows.length > 0;
}
