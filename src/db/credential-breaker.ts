import { and, eq, lte, ne, or, sql } from "drizzle-orm";
import { CodedError } from "../domain/coded-error.ts";
import type { CredentialBreaker } from "../domain/credential-breaker.ts";
import type { EntraTenantId } from "../domain/ids.ts";
import { appendAuditEvent } from "./audit-events.ts";
import type { Database } from "./client.ts";
import { provisioningPauses } from "./schema.ts";
import { monotonicMs } from "../domain/monotonic-ms.ts";

const windowMsDefault = 60_000;
/**
 * A refusal that nobody else met may have been one server's, and many are mended at once: the first try comes after five
 * seconds of the minute, each further one after as long as the breaker has been open, a window at most.
 */
const firstTryShare = 12;
/**
 * How soon a step that waits looks again, without a call to Microsoft: soon while the refusal is young, for many are
 * mended within a minute; later the longer it lasts.
 */
const lookAgain = { minMs: 3000, maxMs: 30_000, shareOfAge: 1 / 3 };
const code = "provisioning_credential_refused";
const cause = "credential_refused";
const isBreaker = eq(provisioningPauses.cause, cause);

/**
 * One row for the whole installation, with windows by the database's clock. Two processes may have different secrets
 * while one is replaced, so each remembers when its own was refused, and for a window tries it in its turn only.
 * @param fingerprint of the secret that this process would send now
 */
export function openCredentialBreaker(
  database: Database,
  fingerprint: () => string,
  windowMs: number = windowMsDefault,
): CredentialBreaker {
  const refusedAtMs = new Map<string, number>();
  const after = (ms: number) => sql`now() + make_interval(secs => ${ms / 1000})`;
  const nextTry = after(windowMs);
  const doubled = sql`now() + least(${windowMs} * interval '1 ms',
    greatest(${windowMs / firstTryShare} * interval '1 ms', now() - ${provisioningPauses.since}))`;
  return {
    requireClosed: () => requireCredential(database),
    async refused(entraTenantId) {
      const own = fingerprint();
      refusedAtMs.set(own, monotonicMs());
      const refused = { fingerprint: own, entraTenantId };
      await database.transaction(async (q) => {
        const opened = await q
          .insert(provisioningPauses)
          .values({ cause, by: "system", reason: code, ...refused, tryAt: after(windowMs / firstTryShare) })
          .onConflictDoNothing()
          .returning({ cause: provisioningPauses.cause });
        if (opened.length === 0)
          await q
            .update(provisioningPauses)
            .set({ ...refused, tryAt: doubled })
            .where(isBreaker);
        else await tell(q, "paused");
      });
    },
    async claimTry() {
      const own = fingerprint();
      const isFresh = (refusedAtMs.get(own) ?? -Infinity) + windowMs <= monotonicMs();
      const isDue = lte(provisioningPauses.tryAt, sql`now()`);
      const isOthers = ne(provisioningPauses.fingerprint, own);
      const [claimed] = await database.run((q) =>
        q
          .update(provisioningPauses)
          .set({ tryAt: nextTry, fingerprint: own })
          .where(and(isBreaker, isFresh ? or(isDue, isOthers) : isDue))
          .returning({ entraTenantId: provisioningPauses.entraTenantId }),
      );
      // Held to it by a check constraint.
      return (claimed?.entraTenantId ?? undefined) as EntraTenantId | undefined;
    },
    close: () =>
      database.transaction(async (q) => {
        const closed = await q
          .delete(provisioningPauses)
          .where(isBreaker)
          .returning({ cause: provisioningPauses.cause });
        if (closed.length > 0) await tell(q, "unpaused");
        return closed.length > 0;
      }),
  };
}

/** For how many ms our own credential has counted as refused, as a part of a statement; null while it does not. */
export const refusedForMs = sql<
  number | null
>`(select (extract(epoch from now() - ${provisioningPauses.since}) * 1000)::float8
  from ${provisioningPauses} where ${isBreaker})`;

/** For how many ms our own credential has counted as refused; undefined while it does not. */
export async function credentialRefusedForMs(database: Database): Promise<number | undefined> {
  const [open] = await database.run((q) =>
    q.execute<{ ageMs: number | null }>(sql`select ${refusedForMs} as "ageMs"`),
  );
  return open?.ageMs ?? undefined;
}

/** @throws {CodedError} provisioning_credential_refused while the breaker is open */
async function requireCredential(database: Database): Promise<void> {
  const ageMs = await credentialRefusedForMs(database);
  if (ageMs !== undefined) throw credentialRefusal(ageMs);
}

/** @param ageMs for how long the breaker has been open: the older, the later it is worth looking again */
export function credentialRefusal(ageMs: number): CodedError {
  const { minMs, maxMs, shareOfAge } = lookAgain;
  const waitMs = Math.min(Math.max(ageMs * shareOfAge, minMs), maxMs);
  // Not all at the same moment.
  const retryAfterMs = Math.ceil(waitMs * (1 + Math.random() / 2));
  return new CodedError(code, "nothing was sent; one try is made for all", { retryAfterMs });
}

/** Asks for a try at once. @returns false where the breaker is closed */
export async function hastenTry(database: Database): Promise<boolean> {
  const rows = await database.run((q) =>
    q
      .update(provisioningPauses)
      .set({ tryAt: sql`now()` })
      .where(isBreaker)
      .returning({ cause: provisioningPauses.cause }),
  );
  return rows.length > 0;
}

const tell = (q: Parameters<typeof appendAuditEvent>[0], action: "paused" | "unpaused"): Promise<void> =>
  appendAuditEvent(q, { installation: true, actor: "system", action, detail: { code } });
