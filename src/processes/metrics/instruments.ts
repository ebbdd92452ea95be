import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

/** Seconds, from a quick answer to the longest that one attempt may take. */
const buckets = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30];

/**
 * Everything that a process counts and times, in one place. Every label has few values: routes, steps, calls, statuses
 * and codes of our own tables; never an id or a word of others.
 */
export function createInstruments() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const counter = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Counter({ name, help, labelNames, registers });
  const times = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Histogram({ name, help, labelNames, registers, buckets });
  const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Gauge({ name, help, labelNames, registers });
  const callbacks = counter("authio_callbacks_total", "Consent callbacks, both legs", "outcome", "code");
  // A series that begins at 1 has not increased, so the first would be missed by the alert that must not miss it.
  callbacks.inc({ outcome: "failed", code: "provisioning_credential_refused" }, 0);
  return {
    registry,
    requests: counter("authio_http_requests_total", "HTTP answers", "route", "status", "code"),
    requestSeconds: times("authio_http_request_seconds", "Time to an HTTP answer", "route"),
    starts: counter("authio_starts_total", "Clicks that began, or were refused", "outcome", "code"),
    callbacks,
    signIns: counter("authio_sign_ins_total", "Sign-ins that came back from Microsoft", "outcome", "code"),
    steps: counter("authio_step_attempts_total", "Attempts of steps", "step", "outcome", "code"),
    stepSeconds: times("authio_step_seconds", "Time of one attempt of a step", "step"),
    microsoftCalls: counter("authio_microsoft_calls_total", "Calls; status 0: no answer", "call", "status"),
    microsoftSeconds: times("authio_microsoft_call_seconds", "Time of one call to Microsoft", "call"),
    throttles: counter("authio_microsoft_throttles_total", "Calls that Microsoft throttled (429)", "call"),
    isDatabaseUp: gauge("authio_database_up", "1 while the database can be worked with"),
    isTemporalUp: gauge("authio_temporal_up", "1 while Temporal answers and has the namespace"),
    isReady: gauge("authio_ready", "What /readyz says: 1 ready, 0 unready"),
    unfinished: gauge("authio_unfinished", "Operations that have not ended, by state", "state"),
    oldestUnfinished: gauge("authio_oldest_unfinished_seconds", "Age of the oldest of them", "state"),
    ended: gauge("authio_operations_ended_day", "What ended within a day", "kind", "outcome", "code"),
    needsOperator: gauge("authio_cleanup_needs_operator", "Clean-ups that wait for a person"),
    isPaused: gauge("authio_paused", "1 while an operator has paused provisioning"),
    isCredentialRefused: gauge("authio_credential_refused", "1 while Microsoft refuses our own credential"),
    connections: gauge("authio_connections", "Connections by status", "status"),
    attention: gauge("authio_connections_attention", "Live connections that need attention", "reason"),
    unread: gauge("authio_connections_unread", "Live connections whose last look learned nothing"),
    secretDays: gauge("authio_connection_secret_days_left", "Until the nearest end of a live secret"),
    workersPolling: gauge("authio_workers_polling", "Who asked Temporal for work lately", "kind"),
    webhookEndpoints: gauge("authio_webhook_endpoints", "Endpoints: well, failing, off", "state"),
    webhookOldest: gauge("authio_webhook_oldest_waiting_seconds", "Age of the oldest delivery that waits"),
    feedPosition: gauge("authio_event_feed_position", "Place of the last event in the feed"),
  };
}

export type Instruments = ReturnType<typeof createInstruments>;
