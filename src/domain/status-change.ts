import type { Actor } from "./actor.ts";
import type { AuditAction } from "./audit-action.ts";
import type { ConnectionId } from "./ids.ts";
import type { ConnectionStatus, SsoConnection } from "./sso-connection.ts";
import { addSides, type Side, sideOf, sides } from "./switched-off.ts";

/** Actions after which a connection has a certain status. */
export const statusActions = [
  "suspended",
  "resumed",
  "disconnected",
  "kept_off",
  "succeeded",
] as const satisfies readonly AuditAction[];

/** What the trail says of a connection's status. */
export interface StatusChange {
  /** Of the audit row. */
  readonly auditId: number;
  readonly at: Date;
  readonly connectionId: ConnectionId;
  readonly status: ConnectionStatus;
  /** Whose decision it was. */
  readonly by: readonly Side[];
}

/** Whose decision an audit row tells of: the actor's, where it does not say otherwise. */
export function decidedBy(actor: Actor, { decided_by: said }: { readonly decided_by?: unknown }): Side[] {
  const named = Array.isArray(said) ? sides.filter((side) => said.includes(side)) : [];
  return named.length > 0 ? named : [sideOf(actor)];
}

/** The status that an audit row tells of; undefined where it tells of none. */
export function statusAfter(
  action: string,
  { kind, status }: { readonly kind?: unknown; readonly status?: unknown },
): ConnectionStatus | undefined {
  switch (action) {
    case "suspended":
      return "suspended";
    case "resumed":
      return "active";
    case "disconnected":
      return "disconnected";
    case "kept_off":
      return status === "suspended" || status === "disconnected" ? status : undefined;
    case "succeeded":
      return kind === "connect" || kind === "restore" ? "active" : undefined;
    default:
      return undefined;
  }
}

/** What becomes of one connection when a trail is replayed. `set`: it gets the status that the trail says. */
export type ReplayOutcome =
  | "set"
  | "as_said"
  | "changed_since"
  | "not_here"
  | "resume_by_hand"
  | "restore_by_hand"
  | "connect_again";

/**
 * Compares what the trail says with what is here. Only what signs fewer people in is set, and who wants it so: that
 * somebody lifted a suspension is a person's to repeat.
 * @param lost what the database does not know, oldest first
 */
export function replayOutcome(
  lost: readonly StatusChange[],
  here:
    | (Pick<SsoConnection, "status" | "switchedOffBy"> & { readonly changedAt: Date | undefined })
    | undefined,
): ReplayOutcome {
  const said = lost.at(-1);
  if (!here || !said) return "not_here";
  if (here.changedAt !== undefined && here.changedAt > said.at) return "changed_since";
  if (said.status !== "active") {
    const isKnown = sidesAfter(here.switchedOffBy, lost).every((side) => here.switchedOffBy.includes(side));
    return here.status === said.status && isKnown ? "as_said" : "set";
  }
  if (here.status === "suspended") return "resume_by_hand";
  if (here.status === "disconnected") return "restore_by_hand";
  // Disconnected and restored in the meantime: its secret of then is gone at Microsoft.
  return lost.some(({ status }) => status === "disconnected") ? "connect_again" : "as_said";
}

/** Who wants it switched off after all that, oldest first. */
export function sidesAfter(before: readonly Side[], lost: readonly StatusChange[]): readonly Side[] {
  let now = before;
  for (const { status, by } of lost) now = status === "active" ? [] : addSides(now, by);
  return now;
}
