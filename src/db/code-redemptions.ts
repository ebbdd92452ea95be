import { and, eq, gt, isNull, lt, or, sql } from "drizzle-orm";
import type { Database } from "./client.ts";
import { hashOf } from "./hash-of.ts";
import { keepLease, leaseEnd } from "./lease.ts";
import { codeRedemptions } from "./schema.ts";

/** One code for one state, both as SHA-256. After `expiresAt` the state itself is refused, and the row may go. */
export interface CodeTicket {
  readonly stateHash: string;
  readonly codeHash: string;
  readonly expiresAt: Date;
}

export function ticketOf(state: string, code: string, expiresAt: Date): CodeTicket {
  return { stateHash: hashOf(state), codeHash: hashOf(code), expiresAt };
}

/**
 * Records the code of a state before it is sent to Microsoft. A state accepts one code; that may be sent again until it
 * was judged. `leased` also takes the right to send it, which one holder has at a time.
 * `spent`: it was judged, or the state has had another code, or was ended without one.
 */
export async function claimCode(
  database: Database,
  ticket: CodeTicket,
  how: "leased" | "unleased",
): Promise<"claimed" | "in_hand" | "spent"> {
  const leaseUntil = how === "leased" ? leaseEnd : null;
  const isSame = and(eq(codeRedemptions.codeHash, ticket.codeHash), isNull(codeRedemptions.judgedAt));
  const isFree = or(isNull(codeRedemptions.leaseUntil), lt(codeRedemptions.leaseUntil, sql`now()`));
  return database.run(async (q) => {
    const claimed = await q
      .insert(codeRedemptions)
      .values({ ...ticket, leaseUntil })
      .onConflictDoUpdate({
        target: codeRedemptions.stateHash,
        set: { leaseUntil },
        setWhere: sql`${isSame} and ${isFree}`,
      })
      .returning({ stateHash: codeRedemptions.stateHash });
    if (claimed[0]) return "claimed";
    const held = await q
      .select({ stateHash: codeRedemptions.stateHash })
      .from(codeRedemptions)
      .where(and(eq(codeRedemptions.stateHash, ticket.stateHash), isSame));
    return held[0] ? "in_hand" : "spent";
  });
}

/** Does `work` under the lease of a claimed code. */
export async function keepCodeLease<T>(
  database: Database,
  stateHash: string,
  work: () => Promise<T>,
): Promise<T> {
  const extend = (): Promise<unknown> =>
    database.run((q) =>
      q
        .update(codeRedemptions)
        .set({ leaseUntil: leaseEnd })
        .where(and(eq(codeRedemptions.stateHash, stateHash), gt(codeRedemptions.leaseUntil, sql`now()`))),
    );
  return keepLease(extend, work);
}

/** Gives the lease back: Microsoft has not judged the code, and it may be sent again. */
export async function releaseCode(database: Database, stateHash: string): Promise<void> {
  await database.run((q) =>
    q.update(codeRedemptions).set({ leaseUntil: null }).where(eq(codeRedemptions.stateHash, stateHash)),
  );
}

/** Microsoft has judged the code: it is never sent again. */
export async function judgeCode(database: Database, stateHash: string): Promise<void> {
  await database.run((q) =>
    q
      .update(codeRedemptions)
      .set({ judgedAt: sql`now()`, leaseUntil: null })
      .where(eq(codeRedemptions.stateHash, stateHash)),
  );
}

/** Ends a state: no code is accepted for it any more. A second call changes nothing. */
export async function spendState(
  database: Database,
  { stateHash, expiresAt }: Omit<CodeTicket, "codeHash">,
): Promise<void> {
  await database.run((q) =>
    q
      .insert(codeRedemptions)
      .values({ stateHash, expiresAt, judgedAt: sql`now()` })
      .onConflictDoUpdate({
        target: codeRedemptions.stateHash,
        set: { judgedAt: sql`now()` },
        setWhere: isNull(codeRedemptions.judgedAt),
      }),
  );
}

/** Removes what nobody can ask for any more. */
export async function forgetExpiredCodes(database: Database): Promise<void> {
  await database.run((q) =>
    q.execute(sql`delete from ${codeRedemptions} where ${codeRedemptions.expiresAt} < now()`),
  );
}
