import type { AuditAction } from "./audit-action.ts";
import { type OperationKind, operationKinds } from "./operation-kinds.ts";

/** What others are told of, by webhook and feed. */
export const eventNames = [
  "sso.connection.created",
  "sso.connection.updated",
  "sso.connection.suspended",
  "sso.connection.deleted",
  "sso.connection.restored",
  "sso.connection.secret_renewed",
  "sso.connection.secret_expiring",
  "sso.connection.needs_attention",
  "sso.connection.sign_ins",
  "sso.provision.failed",
  "session.revoked",
] as const;
export type EventName = (typeof eventNames)[number];

/** What an audit row says beside its action. */
export interface AuditDetail {
  readonly kind?: unknown;
  /** Whether the run made the connection rather than repaired it. */
  readonly created?: unknown;
}

/** What a success is by its kind: a disconnection was told when it began to hold. */
const successOf: Readonly<Record<OperationKind, (detail: AuditDetail) => EventName | undefined>> = {
  connect: ({ created }) => (created === true ? "sso.connection.created" : "sso.connection.updated"),
  renew: () => "sso.connection.secret_renewed",
  disconnect: () => undefined,
  restore: () => "sso.connection.restored",
  change_access: () => "sso.connection.updated",
  release: () => "sso.connection.updated",
};
/** What a failure is. Whoever ordered a disconnection, a restore, a change of access or a release looks at it themselves. */
const failureOf: Readonly<Record<OperationKind, EventName | undefined>> = {
  connect: "sso.provision.failed",
  renew: "sso.connection.needs_attention",
  disconnect: undefined,
  restore: undefined,
  change_access: undefined,
  release: undefined,
};
const kindOf = ({ kind }: AuditDetail): OperationKind | undefined =>
  operationKinds.find((one) => one === kind);
const failure = (detail: AuditDetail): EventName | undefined => {
  const kind = kindOf(detail);
  return kind && failureOf[kind];
};

/** Of each action the event that it is, if any. An action without an entry does not compile. */
const eventOf: {
  readonly [A in AuditAction]: EventName | undefined | ((detail: AuditDetail) => EventName | undefined);
} = {
  started: undefined,
  consented: undefined,
  declined: undefined,
  refused: undefined,
  expired: undefined,
  proved: undefined,
  confirmed: undefined,
  setup_link_created: undefined,
  setup_link_revoked: undefined,
  setup_link_reopened: undefined,
  approved: undefined,
  superseded: undefined,
  succeeded: (detail) => {
    const kind = kindOf(detail);
    return kind && successOf[kind](detail);
  },
  failed: failure,
  // Without a kind it was given up before anything ran.
  cancelled: failure,
  settled: undefined,
  users_consented: "sso.connection.updated",
  users_consent_missing: "sso.connection.updated",
  renewal_started: undefined,
  cleanup_acknowledged: undefined,
  swept: undefined,
  retried: undefined,
  cleaned_up: undefined,
  cleanup_needs_operator: undefined,
  suspended: "sso.connection.suspended",
  resumed: "sso.connection.updated",
  renamed: "sso.connection.updated",
  disconnected: "sso.connection.deleted",
  kept_off: undefined,
  restore_started: undefined,
  access_change_started: undefined,
  release_started: undefined,
  rewrapped: undefined,
  audit_pruned: undefined,
  paused: undefined,
  unpaused: undefined,
  needs_attention: "sso.connection.needs_attention",
  attention_over: "sso.connection.updated",
  secret_expiring: "sso.connection.secret_expiring",
  sign_ins_counted: "sso.connection.sign_ins",
  session_revoked: "session.revoked",
};

/** The event that an audit row is; undefined for what is nobody else's business. */
export function eventNameOf(action: AuditAction, detail: AuditDetail): EventName | undefined {
  const entry = eventOf[action];
  return typeof entry === "function" ? entry(detail) : entry;
}

/** Actions that may be an event. */
export const toldActions = (Object.keys(eventOf) as AuditAction[]).filter(
  (action) => eventOf[action] !== undefined,
);
