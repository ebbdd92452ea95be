import { z } from "zod";
import { eventNames } from "../../domain/events.ts";
import { plainText } from "../../domain/text.schema.ts";
import { address, givenTime, timestamp } from "../contract/fields.ts";

export const addWebhookSchema = z.strictObject({
  url: z.string().min(1).max(2000),
  events: z
    .array(z.enum([...eventNames, "*"]))
    .max(50)
    .optional()
    .meta({ description: "None, or `*`: all of them." }),
  description: plainText(200).optional(),
});

export const deliveryIdShape = /^whd_([1-9]\d{0,15})$/;
const timeSchema = givenTime(z.iso.datetime({ offset: true }));
export const replaySchema = z.union([
  z.strictObject({
    delivery_id: z.string().regex(deliveryIdShape, { error: "must be the id of a delivery" }),
  }),
  z.strictObject({ from: timeSchema, to: timeSchema.optional() }),
]);

/** An endpoint as the API shows it: never its secret. */
export const endpointViewSchema = z
  .object({
    id: z.string(),
    url: address,
    events: z.array(z.enum([...eventNames, "*"])).readonly(),
    description: z.string().nullable(),
    status: z.enum(["on", "off"]),
    off_reason: z.enum(["gone", "failing"]).exactOptional(),
    failing_since: timestamp.exactOptional(),
    previous_secret_until: timestamp
      .exactOptional()
      .meta({ description: "Until then the secret before signs too." }),
    created_by: z.string(),
    created_at: timestamp,
  })
  .meta({ id: "WebhookEndpoint" });
export type EndpointView = z.input<typeof endpointViewSchema>;

export const endpointWithSecretSchema = endpointViewSchema
  .extend({ secret: z.string().meta({ description: "Shown this once." }) })
  .meta({ id: "WebhookEndpointWithSecret" });

export const deliveryViewSchema = z
  .object({
    id: z.string().meta({ pattern: deliveryIdShape.source }),
    kind: z.enum(["event", "replay", "test"]),
    event_id: z.string().nullable(),
    status: z.enum(["waiting", "delivered", "failed"]),
    attempts: z.int(),
    last_status: z.int().nullable().meta({ description: "The HTTP status of the last attempt." }),
    last_error: z
      .enum([
        "address_not_allowed",
        "name_not_found",
        "timeout",
        "connection_failed",
        "tls_failed",
        "redirect",
        "status",
      ])
      .nullable(),
    created_at: timestamp,
    ended_at: timestamp.exactOptional(),
    next_attempt_at: timestamp.exactOptional(),
  })
  .meta({ id: "WebhookDelivery" });
export type DeliveryView = z.input<typeof deliveryViewSchema>;
