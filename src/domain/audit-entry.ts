import type { AuditAction } from "./audit-action.ts";

/** A row of the audit trail. */
export interface AuditRow {
  readonly id: number;
  readonly at: Date;
  readonly actor: string;
  readonly action: AuditAction;
  readonly projectId: string;
  readonly orgId: string;
  readonly requestId: string | null;
  readonly operationId: string | null;
  readonly connectionId: string | null;
  /** Of the operation; 0 for what is about none. */
  readonly generation: number;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** A row as people read it; `detail` holds codes, ids and numbers. */
export interface AuditEntry {
  readonly id: string;
  readonly at: string;
  readonly action: AuditAction;
  readonly actor_type: string;
  readonly actor_id: string | null;
  readonly organization_id: string;
  readonly project_id: string;
  readonly connection_id: string | null;
  readonly provision_id: string | null;
  readonly operation_id: string | null;
  readonly generation: number;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Who reads: an operator, or an owner or admin of the organization, who is not told which operator acted and why. */
export type AuditReader = "operator" | "owner";

export function auditEntry(row: AuditRow, reader: AuditReader): AuditEntry {
  const [type = "", id] = row.actor.split(/:(.*)/s);
  const isHidden = reader === "owner" && type === "operator";
  const { reason: _ours, ...shown } = row.detail;
  return {
    id: `aud_${row.id}`,
    at: row.at.toISOString(),
    action: row.action,
    actor_type: type,
    actor_id: isHidden ? null : (id ?? null),
    organization_id: row.orgId,
    project_id: row.projectId,
    connection_id: row.connectionId,
    provision_id: row.requestId,
    operation_id: row.operationId,
    generation: row.generation,
    detail: reader === "owner" ? shown : row.detail,
  };
}

const columns = [
  "id",
  "at",
  "action",
  "actor_type",
  "actor_id",
  "organization_id",
  "project_id",
  "connection_id",
  "provision_id",
  "operation_id",
  "generation",
] as const satisfies readonly (keyof AuditEntry)[];

/** The first line of an export as CSV (RFC 4180). */
export const auditCsvHeader = `${[...columns, "detail"].join(",")}\r\n`;

/** An entry as a line of CSV. */
export function auditCsvLine(entry: AuditEntry): string {
  const cells = [...columns.map((name) => String(entry[name] ?? "")), JSON.stringify(entry.detail)];
  return `${cells.map(cellOf).join(",")}\r\n`;
}

/**
 * Text of others in a cell: what a spreadsheet would take for a formula gets an apostrophe in front, also behind spaces
 * and in full-width letters.
 */
function cellOf(text: string): string {
  const harmless = /^[\s\u00a0\u3000]*[=+\-@|%＝＋－＠]|^[\t\r\n]/.test(text) ? `'${text}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}
