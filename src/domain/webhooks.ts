import type { EventName } from "./events.ts";
import type { SecretText } from "./secret-text.ts";

/** Where events are sent to, without its secrets. */
export interface WebhookEndpoint {
  /** `whk_…` */
  readonly id: string;
  /** Installation that it was added to; no other sends to it. */
  readonly ssoOrigin: string;
  readonly url: string;
  /** Null: all of them. */
  readonly events: readonly EventName[] | null;
  readonly description: string | null;
  readonly status: "on" | "off";
  /** `gone`: it answered 410; `failing`: days without success. Null while it is on. */
  readonly offReason: "gone" | "failing" | null;
  readonly previousUntil: Date | null;
  readonly failingSince: Date | null;
  /** Name of an operator. */
  readonly createdBy: string;
  readonly createdAt: Date;
}

/** The same with what signs, as it is stored. */
export interface SealedWebhookEndpoint extends WebhookEndpoint {
  readonly sealedSecret: string;
  readonly sealedPrevious: string | null;
}

export type DeliveryKind = "event" | "replay" | "test";

/** Why an attempt was none that counts: what a receiver or its name did. Its status where it answered. */
export type AttemptError =
  | "address_not_allowed"
  | "name_not_found"
  | "timeout"
  | "connection_failed"
  | "tls_failed"
  | "redirect"
  | "status";

/** What one attempt came to. Only 2xx is a success. */
export type AttemptOutcome =
  | { readonly kind: "delivered"; readonly status: number }
  | { readonly kind: "failed"; readonly error: AttemptError; readonly status?: number };

/** One delivery to one endpoint. */
export interface WebhookDelivery {
  readonly id: number;
  readonly endpointId: string;
  readonly kind: DeliveryKind;
  /** Place of the event in the feed; null for a test. */
  readonly position: number | null;
  readonly status: "waiting" | "delivered" | "failed";
  readonly attempts: number;
  readonly dueAt: Date;
  readonly lastStatus: number | null;
  readonly lastError: AttemptError | null;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

/** Looks a host name up anew each time: its addresses, or a rejection. The port to DNS. */
export type ResolveHost = (host: string) => Promise<readonly string[]>;

/** One body and where it may go. */
export interface SignedPost {
  readonly url: URL;
  /** The connection is made to one of these, whatever the name leads to by now. */
  readonly addresses: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What signs: the newest first. */
export type WebhookSecrets = readonly [SecretText, ...SecretText[]];

/** An endpoint whose deliveries fail for so long without a success is switched off; one delivery is given up. */
export const patienceDays = 5;
/** Neither happens to a delivery that was tried less often: so many attempts take half a day. */
export const attemptsMin = 10;
/** Two secrets are valid for so long after a rotation. */
export const rotationHours = 24;
export const endpointsMax = 20;

const minuteMs = 60_000;
const pausesMs = [5_000, 30_000, 2 * minuteMs, 10 * minuteMs, 30 * minuteMs, 60 * minuteMs, 120 * minuteMs];
const pauseMsMax = 4 * 60 * minuteMs;

/** The pause after so many attempts that failed (1 or more), in ms: from seconds to hours. */
export function pauseAfterMs(attempts: number): number {
  return pausesMs[attempts - 1] ?? pauseMsMax;
}

/** Names that client and worker share. */
export const webhookQueue = "ms-provision-webhooks";
export const webhookWorkflowType = "deliverWebhooks";
export const webhookWakeSignal = "wake";
export const webhookWorkflowIdOf = (endpointId: string): string => `deliver-webhooks-${endpointId}`;

/** The port to Temporal. */
export interface WebhookRuns {
  /** Starts the endpoint's workflow or wakes the one that runs. Throws when Temporal is away. */
  wake(endpointId: string): Promise<void>;
}

/** What the workflow of one endpoint does: ids in, ids and numbers out. */
export interface WebhookActivities {
  /**
   * The first waiting delivery of each lane that may be tried now, at most `limit` of which go on at once.
   * `nextInMs`: when the next one is due; null: nothing waits.
   */
  listDueDeliveries(input: { readonly endpointId: string }): Promise<{
    readonly due: readonly number[];
    readonly limit: number;
    readonly nextInMs: number | null;
  }>;
  /** One attempt, recorded in its row. What is not waiting any more is left alone. */
  attemptDelivery(input: { readonly endpointId: string; readonly deliveryId: number }): Promise<void>;
}
