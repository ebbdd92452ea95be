import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import type { JWK } from "jose";
import type { SigningAlgorithm } from "../domain/signer.ts";
import type { Database } from "./client.ts";
import type { Queries } from "./queries.ts";
import { signingKeys } from "./schema.ts";

/** `next` is published and signs later; `retired` signs no more and is published until what it signed is over. */
export type SigningKeyState = "next" | "active" | "retired" | "gone";

export interface SigningKeyRow {
  readonly kid: string;
  readonly algorithm: SigningAlgorithm;
  readonly state: SigningKeyState;
  readonly publicJwk: JWK;
  /** Null once it is gone. */
  readonly sealedPrivate: string | null;
  readonly createdAt: Date;
  readonly activatedAt: Date | null;
  readonly retiredAt: Date | null;
}

/** How long each state lasts at least, in seconds. */
export interface KeyTimes {
  /** Published this long before it signs, so that whoever caches key sets has it. */
  readonly announcedSeconds: number;
  /** Published this long after it signed last. */
  readonly retiredSeconds: number;
}

export async function listSigningKeys(database: Database): Promise<SigningKeyRow[]> {
  const rows = await database.run((q) => q.select().from(signingKeys).orderBy(signingKeys.createdAt));
  return rows as unknown as SigningKeyRow[];
}

/**
 * Adds a key. False where there is one in that state for the algorithm already: of two first starts, one makes the key.
 */
export async function addSigningKey(
  database: Database,
  key: Pick<SigningKeyRow, "kid" | "algorithm" | "publicJwk"> & {
    readonly state: "next" | "active";
    readonly sealedPrivate: string;
  },
): Promise<boolean> {
  const rows = await database.run((q) =>
    q
      .insert(signingKeys)
      .values({ ...key, ...(key.state === "active" ? { activatedAt: sql`now()` } : {}) })
      .onConflictDoNothing()
      .returning({ kid: signingKeys.kid }),
  );
  return rows.length === 1;
}

/**
 * Moves every key whose time has come: a `next` that was announced long enough takes over from the active one, a
 * `retired` one whose signatures are over goes. A second call at once changes nothing.
 */
export async function turnSigningKeys(database: Database, times: KeyTimes): Promise<void> {
  await database.transaction(async (q) => {
    const ripe = await q
      .select({ kid: signingKeys.kid, algorithm: signingKeys.algorithm })
      .from(signingKeys)
      .where(
        and(
          eq(signingKeys.state, "next"),
          sql`${signingKeys.createdAt} <= now() - make_interval(secs => ${times.announcedSeconds})`,
        ),
      )
      .for("update");
    for (const next of ripe) {
      await retire(q, and(eq(signingKeys.algorithm, next.algorithm), eq(signingKeys.state, "active")));
      await activate(q, next.kid);
    }
    await q
      .update(signingKeys)
      .set({ state: "gone", sealedPrivate: null })
      .where(
        and(
          eq(signingKeys.state, "retired"),
          sql`${signingKeys.retiredAt} <= now() - make_interval(secs => ${times.retiredSeconds})`,
        ),
      );
  });
}

/** Ends a key now, whatever it still vouches for; what is announced takes its place. False for one that is gone. */
export async function revokeSigningKey(database: Database, kid: string): Promise<boolean> {
  return database.transaction(async (q) => {
    const rows = await q
      .update(signingKeys)
      .set({ state: "gone", sealedPrivate: null })
      .where(and(eq(signingKeys.kid, kid), inArray(signingKeys.state, ["next", "active", "retired"])))
      .returning({ algorithm: signingKeys.algorithm });
    const algorithm = rows[0]?.algorithm;
    if (algorithm === undefined) return false;
    const of = (state: SigningKeyState) =>
      and(eq(signingKeys.algorithm, algorithm), eq(signingKeys.state, state));
    const active = await q.select({ kid: signingKeys.kid }).from(signingKeys).where(of("active"));
    const next = await q.select({ kid: signingKeys.kid }).from(signingKeys).where(of("next"));
    if (!active[0] && next[0]) await activate(q, next[0].kid);
    return true;
  });
}

async function retire(q: Queries, which: ReturnType<typeof and>): Promise<void> {
  await q
    .update(signingKeys)
    .set({ state: "retired", retiredAt: sql`now()` })
    .where(which);
}

async function activate(q: Queries, kid: string): Promise<void> {
  await q
    .update(signingKeys)
    .set({ state: "active", activatedAt: sql`now()` })
    .where(and(eq(signingKeys.kid, kid), isNull(signingKeys.activatedAt)));
}
