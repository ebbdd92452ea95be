import type { AuditAction } from "./audit-action.ts";

/** What others are told of, by webhook and feed. */
export const eventNames = [
  "sso.connection.created",
  "sso.connection.updated",
  "sso.connection.suspended",
  "sso.connection.secret_renewed",
  "sso.connection.needs_attention",
  "sso.provision.failed",
] as const;
export type EventName = (typeof eventNames)[number];

/** What an audit row says beside its action. */
export interface AuditDetail {
  readonly kind?: unknown;
  /** Whether the run made the connection rather than repaired it. */
  readonly created?: unknown;
}

const isRenewal = ({ kind }: AuditDetail): boolean => kind === "renewal";

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
  superseded: undefined,
  succeeded: (detail) =>
    isRenewal(detail)
      ? "sso.connection.secret_renewed"
      : detail.created === true
        ? "sso.connection.created"
        : "sso.connection.updated",
  failed: (detail) => (isRenewal(detail) ? "sso.connection.needs_attention" : "sso.provision.failed"),
  // Without a kind it was given up before anything ran.
  cancelled: (detail) =>
    detail.kind === undefined
      ? undefined
      : isRenewal(detail)
        ? "sso.connection.needs_attention"
        : "sso.provision.failed",
  settled: undefined,
  users_consented: "sso.connection.updated",
  renewal_started: undefined,
  cleanup_acknowledged: undefined,
  swept: undefined,
  retried: undefined,
  cleaned_up: undefined,
  cleanup_needs_operator: undefined,
  suspended: "sso.connection.suspended",
  resumed: "sso.connection.updated",
  renamed: "sso.connection.updated",
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
