import { and, eq, isNull, lte, or, sql } from "drizzle-orm";
import type { TenantPauses } from "../domain/tenant-pauses.ts";
import type { Database } from "./client.ts";
import { tenantPauses } from "./schema.ts";

/** One that went first and was not heard of again is followed by another after this. */
const firstSeconds = 5;
/** How soon the others ask again. */
const behindTheFirstMs = 1000;
/** A tenant that nobody called again is forgotten with the next one that is throttled. */
const forgottenAfter = sql`interval '1 day'`;

/** Windows by the database's clock, so that processes whose clocks differ agree. All throw `DatabaseError`. */
export function openTenantPauses(database: Database): TenantPauses {
  const msUntil = (time: typeof tenantPauses.until | typeof tenantPauses.firstUntil) =>
    sql<number | null>`ceil(extract(epoch from ${time} - now()) * 1000)::int`;
  const left = { windowMs: msUntil(tenantPauses.until), firstMs: msUntil(tenantPauses.firstUntil) };
  return {
    async ask(tenantId) {
      const ofTenant = eq(tenantPauses.entraTenantId, tenantId);
      const [found] = await database.run((q) => q.select(left).from(tenantPauses).where(ofTenant));
      if (!found) return { kind: "none" };
      const { windowMs, firstMs } = found;
      if ((windowMs ?? 0) > 0) return { kind: "pause", waitMs: windowMs ?? 0 };
      if ((firstMs ?? 0) > 0) return { kind: "pause", waitMs: behindTheFirstMs };
      const claimed = await database.run((q) =>
        q
          .update(tenantPauses)
          .set({ firstUntil: sql`now() + make_interval(secs => ${firstSeconds})` })
          .where(
            and(
              ofTenant,
              lte(tenantPauses.until, sql`now()`),
              or(isNull(tenantPauses.firstUntil), lte(tenantPauses.firstUntil, sql`now()`)),
            ),
          )
          .returning({ entraTenantId: tenantPauses.entraTenantId }),
      );
      return claimed.length === 1 ? { kind: "first" } : { kind: "pause", waitMs: behindTheFirstMs };
    },
    async pause(entraTenantId, ms) {
      const until = sql`now() + make_interval(secs => ${ms / 1000})`;
      await database.run((q) =>
        q
          .insert(tenantPauses)
          .values({ entraTenantId, until })
          .onConflictDoUpdate({
            target: tenantPauses.entraTenantId,
            set: { until: sql`greatest(${tenantPauses.until}, excluded.until)`, firstUntil: null },
          }),
      );
      await database.run((q) =>
        q.delete(tenantPauses).where(lte(tenantPauses.until, sql`now() - ${forgottenAfter}`)),
      );
    },
    async resume(entraTenantId) {
      await database.run((q) =>
        q
          .delete(tenantPauses)
          .where(and(eq(tenantPauses.entraTenantId, entraTenantId), lte(tenantPauses.until, sql`now()`))),
      );
    },
  };
}
