import { and, eq, sql } from "drizzle-orm";
import type { ConnectionId } from "../domain/ids.ts";
import type { SsoConnection } from "../domain/sso-connection.ts";
import type { Database } from "./client.ts";
import type { Queries } from "./queries.ts";
import { toConnection } from "./rows.ts";
import { signinCodes, signinTokens, ssoConnections } from "./schema.ts";

/** Longer than a code, so that a late second use is still told from an unknown code. */
const replayMemory = sql`now() + interval '1 hour'`;

/** A connection at the epoch at which somebody signed in with it. */
export interface AtEpoch {
  readonly connectionId: ConnectionId;
  readonly epoch: number;
}

export interface StoredCode extends AtEpoch {
  readonly codeHash: string;
  readonly clientId: string;
  readonly sid: string;
  readonly sealed: string;
  readonly lifetimeSeconds: number;
}

export interface StoredToken extends AtEpoch {
  readonly tokenHash: string;
  readonly codeHash: string;
  readonly clientId: string;
  readonly sid: string;
  readonly sealed: string;
  readonly lifetimeSeconds: number;
}

/** What a code was when it was spent. */
export type SpentCode =
  | {
      readonly kind: "fresh";
      readonly clientId: string;
      readonly sealed: string;
      readonly connection: SsoConnection;
    }
  /** It had been spent before: what it gave is revoked now. */
  | { readonly kind: "replayed" }
  /** Unknown, over, or its connection was suspended, disconnected or changed since. */
  | { readonly kind: "worthless" };

/** False when the connection is not active any more, or not as it was. */
export async function storeCode(database: Database, code: StoredCode): Promise<boolean> {
  return database.transaction(async (q) => {
    if (!(await lockActive(q, code))) return false;
    await q.insert(signinCodes).values({
      codeHash: code.codeHash,
      clientId: code.clientId,
      sid: code.sid,
      connectionId: code.connectionId,
      epoch: code.epoch,
      sealed: code.sealed,
      expiresAt: sql`now() + make_interval(secs => ${code.lifetimeSeconds})`,
      forgetAt: replayMemory,
    });
    return true;
  });
}

/** Spends a code, whatever comes of it. Of any number at once, one finds it fresh. */
export async function spendCode(database: Database, codeHash: string): Promise<SpentCode> {
  return database.transaction(async (q) => {
    const rows = await q
      .select({
        clientId: signinCodes.clientId,
        connectionId: signinCodes.connectionId,
        epoch: signinCodes.epoch,
        sealed: signinCodes.sealed,
        isOver: sql<boolean>`${signinCodes.expiresAt} <= now()`,
        isSpent: sql<boolean>`${signinCodes.spentAt} is not null`,
      })
      .from(signinCodes)
      .where(eq(signinCodes.codeHash, codeHash))
      .for("update");
    const row = rows[0];
    if (!row) return { kind: "worthless" };
    if (row.isSpent) {
      await q
        .update(signinCodes)
        .set({ replayedAt: sql`now()` })
        .where(eq(signinCodes.codeHash, codeHash));
      await revokeTokens(q, eq(signinTokens.codeHash, codeHash));
      return { kind: "replayed" };
    }
    await q
      .update(signinCodes)
      .set({ spentAt: sql`now()`, sealed: null })
      .where(eq(signinCodes.codeHash, codeHash));
    const connection = await lockActive(q, { ...row, connectionId: row.connectionId as ConnectionId });
    if (row.isOver || !connection || row.sealed === null) return { kind: "worthless" };
    return { kind: "fresh", clientId: row.clientId, sealed: row.sealed, connection };
  });
}

/**
 * Keeps a token that a code gave. False where the connection changed since. A code that came a second time in between
 * found nothing to revoke yet, so its token is not kept: it was over before it was handed out.
 */
export async function storeToken(database: Database, token: StoredToken): Promise<boolean> {
  return database.transaction(async (q) => {
    const { lifetimeSeconds, ...row } = token;
    // The row of the code puts this and a replay in line.
    const code = await q
      .select({ replayed: signinCodes.replayedAt })
      .from(signinCodes)
      .where(eq(signinCodes.codeHash, token.codeHash))
      .for("update");
    if (!code[0] || !(await lockActive(q, token))) return false;
    if (code[0].replayed !== null) return true;
    await q
      .insert(signinTokens)
      .values({ ...row, expiresAt: sql`now() + make_interval(secs => ${lifetimeSeconds})` });
    return true;
  });
}

/** The token as long as it is good: not over, and its connection as it was. */
export async function findToken(
  database: Database,
  tokenHash: string,
): Promise<{ readonly clientId: string; readonly sealed: string } | undefined> {
  const rows = await database.run((q) =>
    q
      .select({ clientId: signinTokens.clientId, sealed: signinTokens.sealed })
      .from(signinTokens)
      .innerJoin(
        ssoConnections,
        and(
          eq(ssoConnections.id, signinTokens.connectionId),
          eq(ssoConnections.epoch, signinTokens.epoch),
          eq(ssoConnections.status, "active"),
        ),
      )
      .where(and(eq(signinTokens.tokenHash, tokenHash), sql`${signinTokens.expiresAt} > now()`)),
  );
  return rows[0];
}

/** Ends what a sign-in gave. A second call finds nothing. */
export async function forgetSession(database: Database, sid: string): Promise<void> {
  await database.run((q) => revokeTokens(q, eq(signinTokens.sid, sid)));
}

/** Removes what nobody can use any more. */
export async function forgetExpiredSignIns(database: Database): Promise<void> {
  await database.run(async (q) => {
    await q.execute(
      sql`update ${signinCodes} set sealed = null, spent_at = now() where ${signinCodes.sealed} is not null and ${signinCodes.expiresAt} < now()`,
    );
    await q.execute(sql`delete from ${signinCodes} where ${signinCodes.forgetAt} < now()`);
    await q.execute(sql`delete from ${signinTokens} where ${signinTokens.expiresAt} < now()`);
  });
}

async function revokeTokens(q: Queries, which: ReturnType<typeof eq>): Promise<void> {
  await q.execute(sql`delete from ${signinTokens} where ${which}`);
}

/** Held until the transaction ends, so that a suspension comes before or after, never in between. */
async function lockActive(q: Queries, { connectionId, epoch }: AtEpoch): Promise<SsoConnection | undefined> {
  const rows = await q
    .select()
    .from(ssoConnections)
    .where(
      and(
        eq(ssoConnections.id, connectionId),
        eq(ssoConnections.epoch, epoch),
        eq(ssoConnections.status, "active"),
      ),
    )
    .for("share");
  return rows[0] && toConnection(rows[0]);
}
