import { type AttentionCode, attentionCodes } from "./attention.ts";
import { operationKinds, type OperationKind } from "./operation-kinds.ts";

/** What an event says beside who, whom and when. Which fields are there is the event's own. */
export interface EventMetadata {
  readonly code?: string;
  readonly kind?: OperationKind;
  readonly created?: boolean;
  /** Whom the connection admits from now on. */
  readonly access?: "everyone" | "assigned";
  /** All that needs attention now. */
  readonly reasons?: AttentionCode[];
  readonly days?: number;
  /** A day of UTC, as `2026-11-28`. */
  readonly day?: string;
  readonly sign_ins?: number;
  readonly provision_id?: string;
  readonly reason?: string;
  readonly connection_id?: string | null;
}

/**
 * What of an audit row's detail others may know: no text of a person's, no one's object id. What is not of its type is
 * left out, so that one odd row holds up no feed.
 */
export function shownDetail({
  code,
  kind: told,
  created,
  access,
  reasons,
  days,
  day,
  sign_ins,
}: Readonly<Record<string, unknown>>): EventMetadata {
  const kind = operationKinds.find((one) => one === told);
  return {
    ...(typeof code === "string" && { code }),
    ...(kind && { kind }),
    ...(typeof created === "boolean" && { created }),
    ...((access === "everyone" || access === "assigned") && { access }),
    ...(Array.isArray(reasons) && {
      reasons: attentionCodes.filter((known) => reasons.includes(known)),
    }),
    ...(typeof days === "number" && { days }),
    ...(typeof day === "string" && { day }),
    ...(typeof sign_ins === "number" && { sign_ins }),
  };
}
