import type { WebhookDelivery, WebhookEndpoint } from "../../domain/webhooks.ts";
import type { DeliveryView, EndpointView } from "./webhook.schema.ts";

/** An endpoint as the API shows it: never its secret. */
export function endpointView(endpoint: WebhookEndpoint): EndpointView {
  const { previousUntil, failingSince, offReason } = endpoint;
  return {
    id: endpoint.id,
    url: endpoint.url,
    events: endpoint.events ?? ["*"],
    description: endpoint.description,
    status: endpoint.status,
    ...(offReason === null ? {} : { off_reason: offReason }),
    ...(failingSince === null ? {} : { failing_since: failingSince.toISOString() }),
    ...(previousUntil !== null && previousUntil > new Date()
      ? { previous_secret_until: previousUntil.toISOString() }
      : {}),
    created_by: endpoint.createdBy,
    created_at: endpoint.createdAt.toISOString(),
  };
}

/** A delivery as the API shows it. */
export function deliveryView(delivery: WebhookDelivery): DeliveryView {
  const { position, endedAt, status } = delivery;
  return {
    id: `whd_${delivery.id}`,
    kind: delivery.kind,
    event_id: position === null ? null : `evt_${position}`,
    status,
    attempts: delivery.attempts,
    last_status: delivery.lastStatus,
    last_error: delivery.lastError,
    created_at: delivery.createdAt.toISOString(),
    ...(endedAt === null ? {} : { ended_at: endedAt.toISOString() }),
    ...(status === "waiting" ? { next_attempt_at: delivery.dueAt.toISOString() } : {}),
  };
}
