import { z } from "zod";
import { describeRoute } from "../contract/route.ts";
import {
  addWebhookSchema,
  deliveryViewSchema,
  endpointViewSchema,
  endpointWithSecretSchema,
  replaySchema,
} from "./webhook.schema.ts";

const endpointPath = z.object({ id: z.string().meta({ description: "An endpoint: `whk_…`." }) });
const common = {
  servedBy: "management",
  tag: "Webhooks",
  caller: "operator",
  refusesBy: { kind: "problem" },
} as const;

export const listWebhooksRoute = describeRoute({
  ...common,
  methods: ["get"],
  path: "/v1/webhooks",
  operationId: "listWebhooks",
  summary: "Where events are sent to, oldest first",
  answers: {
    200: { description: "Without their secrets.", schema: z.object({ data: z.array(endpointViewSchema) }) },
  },
  refusals: [],
});

export const createWebhookRoute = describeRoute({
  ...common,
  methods: ["post"],
  path: "/v1/webhooks",
  operationId: "createWebhook",
  summary: "Send events to one more address",
  body: { schema: addWebhookSchema, isRequired: true },
  answers: {
    201: {
      description: "With the secret that signs, which is shown this once.",
      schema: endpointWithSecretSchema,
    },
  },
  refusals: ["webhook_url_not_allowed", "too_many_webhooks", "sealing_key_unavailable"],
});

export const deleteWebhookRoute = describeRoute({
  ...common,
  methods: ["delete"],
  path: "/v1/webhooks/{id}",
  operationId: "deleteWebhook",
  summary: "Send nothing there any more",
  parameters: endpointPath,
  answers: { 204: { description: "Also not what waited to be sent." } },
  refusals: ["not_found"],
});

export const rotateWebhookRoute = describeRoute({
  ...common,
  methods: ["post"],
  path: "/v1/webhooks/{id}/rotate",
  operationId: "rotateWebhook",
  summary: "Another secret",
  parameters: endpointPath,
  answers: {
    200: { description: "The one before signs beside it for 24 hours.", schema: endpointWithSecretSchema },
  },
  refusals: ["not_found", "sealing_key_unavailable"],
});

export const testWebhookRoute = describeRoute({
  ...common,
  methods: ["post"],
  path: "/v1/webhooks/{id}/test",
  operationId: "testWebhook",
  summary: "Send a test",
  parameters: endpointPath,
  answers: {
    202: {
      description: "The result is among the deliveries within seconds.",
      schema: z.object({ delivery_id: z.string() }),
    },
  },
  refusals: ["not_found"],
});

export const replayWebhookRoute = describeRoute({
  ...common,
  methods: ["post"],
  path: "/v1/webhooks/{id}/replay",
  operationId: "replayWebhook",
  summary: "Send deliveries again",
  parameters: endpointPath,
  body: { schema: replaySchema, isRequired: true },
  answers: { 202: { description: "How many are sent again.", schema: z.object({ queued: z.int() }) } },
  refusals: ["not_found"],
});

export const webhookDeliveriesRoute = describeRoute({
  ...common,
  methods: ["get"],
  path: "/v1/webhooks/{id}/deliveries",
  operationId: "listWebhookDeliveries",
  summary: "What was sent and what came of it",
  parameters: endpointPath,
  answers: {
    200: {
      description: "The newest 50, newest first.",
      schema: z.object({ data: z.array(deliveryViewSchema) }),
    },
  },
  refusals: ["not_found"],
});
