import { createHash } from "node:crypto";
import {
  type AuditPartition,
  dropPartitions,
  isStillTold,
  listPartitions,
  ownsAudit,
  readPartition,
} from "../db/audit-partitions.ts";
import { auditEntry } from "../domain/audit-entry.ts";
import type { OperationsContext } from "./context.ts";

/** Digests of the lines of an export, as `digestOf` makes them. */
type Exported = ReadonlySet<string>;

/** What came of it; but for `found` and `dropped`, why nothing was dropped. */
export type PrunedAudit =
  | {
      readonly kind: "found" | "dropped";
      readonly months: readonly { readonly name: string; readonly rows: number }[];
    }
  /** Only the owner of the tables may drop. */
  | { readonly kind: "not_owner" }
  /** The feed of events still tells of the month. */
  | { readonly kind: "still_told"; readonly month: string }
  /** The export lacks so many rows of the month, or has them otherwise. */
  | {
      readonly kind: "not_exported";
      readonly month: string;
      readonly missing: number;
      readonly first: string;
    }
  /** Rows came while it was looked at. */
  | { readonly kind: "changed" };

/**
 * Drops the months of the audit trail that end at `before` or earlier, once each of their rows stands in the export as
 * it would be exported now. Without an order it only looks. A second call finds nothing left.
 */
export async function pruneAudit({
  ctx: { database },
  input: { before, exported, order },
}: {
  ctx: Pick<OperationsContext, "database">;
  input: {
    readonly before: Date;
    readonly exported: Exported;
    readonly order: { readonly operator: string; readonly reason: string } | undefined;
  };
}): Promise<PrunedAudit> {
  if (!(await ownsAudit(database))) return { kind: "not_owner" };
  const looked: { partition: AuditPartition; rows: number }[] = [];
  for (const partition of await listPartitions(database, before)) {
    const { name: month } = partition;
    if (await isStillTold(database, partition)) return { kind: "still_told", month };
    let rows = 0;
    const missing: number[] = [];
    for await (const row of readPartition(database, partition)) {
      rows += 1;
      if (!exported.has(digestOf(auditEntry(row, "operator")))) missing.push(row.id);
    }
    if (missing[0] !== undefined)
      return { kind: "not_exported", month, missing: missing.length, first: `aud_${missing[0]}` };
    looked.push({ partition, rows });
  }
  const months = looked.map(({ partition: { name }, rows }) => ({ name, rows }));
  if (!order || looked.length === 0) return { kind: "found", months };
  const by = { actor: `operator:${order.operator}`, reason: order.reason } as const;
  return (await dropPartitions(database, looked, by)) ? { kind: "dropped", months } : { kind: "changed" };
}

/** Of an entry of the trail, or of the line of an export that it makes. */
export function digestOf(entry: unknown): string {
  return createHash("sha256").update(JSON.stringify(entry)).digest("base64url");
}
