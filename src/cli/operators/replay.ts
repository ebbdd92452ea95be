import type { ReplayOutcome } from "../../domain/status-change.ts";
import { type Replayed, replayStatuses } from "../../operations/replay-statuses.ts";
import type { OperatorOptions, Shell } from "./options.ts";
import { readStatusChanges } from "./read-audit-export.ts";
import { ssoOriginOf } from "./sso-origin.ts";
import { tableLines } from "./table.ts";
import { requireOperator, withTools } from "./tools.ts";

const header = ["CONNECTION", "ORGANIZATION", "IS", "AUDIT SAYS", "SINCE", "SO"];

/** What a person does about what is not set. */
const leftTo: Readonly<Record<ReplayOutcome, string | undefined>> = {
  set: undefined,
  as_said: undefined,
  changed_since: undefined,
  not_here: "made after the backup: the customer connects again; sweep lists its application",
  resume_by_hand: "was resumed after the backup: connections resume, if that holds",
  restore_by_hand: "was restored after the backup: connections restore",
  connect_again: "was disconnected and restored after the backup: an owner connects it again",
};

/**
 * `connections replay --from FILE [--apply --reason TEXT]`. Exit code 1 where, applied, something is left for a person.
 * @throws {TypeError} what to give instead
 */
export async function replay(options: OperatorOptions, shell: Shell): Promise<number> {
  const { from, apply = false, json = false } = options;
  if (from === undefined) throw new TypeError("give --from FILE, an export of GET /v1/audit?format=jsonl");
  const order = apply
    ? {
        ...operatorOf(shell, options.reason),
        ssoOrigin: ssoOriginOf(shell.environment),
      }
    : undefined;
  const changes = await readStatusChanges(from);
  return withTools(shell, async ({ database }) => {
    const found: Replayed[] = [];
    for await (const one of replayStatuses({ ctx: { database }, input: { changes, order } })) found.push(one);
    const left = found.filter(({ outcome }) => leftTo[outcome] !== undefined);
    const set = found.filter(({ outcome }) => outcome === "set").length;
    if (json) {
      shell.print(JSON.stringify({ applied: apply, set, left: left.length, data: found.map(viewOf) }));
    } else {
      if (found.length > 0)
        for (const line of tableLines(header, found.map(cellsOf(apply)))) shell.print(line);
      shell.print(
        apply
          ? `${set} set, ${left.length} left for you.`
          : `${set} would be set, ${left.length} left for you; nothing was changed. To do it: --apply --reason TEXT`,
      );
    }
    return apply && left.length > 0 ? 1 : 0;
  });
}

function operatorOf(shell: Shell, given: string | undefined): { operator: string; reason: string } {
  const { name: operator, reason } = requireOperator(shell, given);
  return { operator, reason };
}

function viewOf({ said, connection, outcome }: Replayed): object {
  return {
    connection_id: said.connectionId,
    organization_id: connection?.orgId ?? null,
    was: connection?.status ?? null,
    audit_says: said.status,
    audit_id: `aud_${said.auditId}`,
    since: said.at.toISOString(),
    outcome,
  };
}

const cellsOf =
  (isApplied: boolean) =>
  ({ said, connection, outcome }: Replayed): string[] => {
    const set = isApplied ? "set" : "would be set";
    const settled = outcome === "changed_since" ? "left: changed here since" : "nothing to do";
    return [
      said.connectionId,
      connection?.orgId ?? "",
      connection?.status ?? "not here",
      said.status,
      said.at.toISOString(),
      leftTo[outcome] ?? (outcome === "set" ? set : settled),
    ];
  };
