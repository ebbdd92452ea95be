import type { Context } from "hono";
import { listDeliveries, listEndpoints, removeEndpoint } from "../../db/webhooks/endpoints.ts";
import { CodedError } from "../../domain/coded-error.ts";
import { requireEndpoint } from "../../operations/require-endpoint.ts";
import { addWebhook, replayWebhook, rotateWebhookSecret, testWebhook } from "../../operations/webhooks.ts";
import type { AppEnv } from "../app-env.ts";
import { answer } from "../contract/route.ts";
import type { ApiDeps } from "../deps.ts";
import { readBody } from "../read-input.ts";
import { requireOperator } from "./provisions.ts";
import { addWebhookSchema, deliveryIdShape, replaySchema } from "./webhook.schema.ts";
import {
  createWebhookRoute,
  listWebhooksRoute,
  replayWebhookRoute,
  rotateWebhookRoute,
  testWebhookRoute,
  webhookDeliveriesRoute,
} from "./webhook-routes.ts";
import { deliveryView, endpointView } from "./webhook-views.ts";

/** `GET /v1/webhooks`, oldest first. */
export async function listWebhooks(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  requireOperator(c, deps.config);
  const endpoints = await listEndpoints(deps.database);
  return answer(c, listWebhooksRoute, 200, { data: endpoints.map(endpointView) });
}

/** `POST /v1/webhooks`: 201 with the secret, which is shown this once. @throws {CodedError} webhook_url_not_allowed */
export async function createWebhook(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const operator = requireOperator(c, deps.config);
  const body = await readBody(c, addWebhookSchema);
  const chosen = (body.events ?? []).flatMap((name) => (name === "*" ? [] : [name]));
  const isAll = chosen.length === 0 || body.events?.includes("*") === true;
  const { endpoint, secret } = await addWebhook({
    ctx: requireWebhooks(deps),
    input: {
      url: body.url,
      events: isAll ? null : [...new Set(chosen)],
      description: body.description ?? null,
      operator,
    },
  });
  deps.log.info("webhook endpoint added", { endpoint_id: endpoint.id, operator });
  return answer(c, createWebhookRoute, 201, { ...endpointView(endpoint), secret: secret.reveal() });
}

/** `DELETE /v1/webhooks/{id}`: 204, also for what waited to be sent. @throws {CodedError} not_found */
export async function deleteWebhook(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const operator = requireOperator(c, deps.config);
  const { id } = idOf(c);
  if (!(await removeEndpoint(deps.database, id))) throw new CodedError("not_found");
  deps.log.info("webhook endpoint removed", { endpoint_id: id, operator });
  return c.body(null, 204);
}

/** `POST /v1/webhooks/{id}/rotate`: 200 with another secret; the one before signs beside it for 24 hours. */
export async function rotateWebhook(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const operator = requireOperator(c, deps.config);
  const { endpoint, secret } = await rotateWebhookSecret({ ctx: requireWebhooks(deps), input: idOf(c) });
  deps.log.info("webhook secret rotated", { endpoint_id: endpoint.id, operator });
  return answer(c, rotateWebhookRoute, 200, { ...endpointView(endpoint), secret: secret.reveal() });
}

/** `POST /v1/webhooks/{id}/test`: 202; the result is among the deliveries within seconds. */
export async function sendTest(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  requireOperator(c, deps.config);
  const id = await testWebhook({ ctx: deps, input: idOf(c) });
  return answer(c, testWebhookRoute, 202, { delivery_id: `whd_${id}` });
}

/** `POST /v1/webhooks/{id}/replay` with `{delivery_id}` or `{from, to?}`: 202 with how many are sent again. */
export async function replayDeliveries(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const operator = requireOperator(c, deps.config);
  const body = await readBody(c, replaySchema);
  const wish =
    "delivery_id" in body
      ? { deliveryId: Number(deliveryIdShape.exec(body.delivery_id)?.[1]) }
      : { from: body.from, to: body.to ?? new Date() };
  const { id } = idOf(c);
  const queued = await replayWebhook({ ctx: deps, input: { id, wish } });
  deps.log.info("webhook deliveries replayed", { endpoint_id: id, operator, queued });
  return answer(c, replayWebhookRoute, 202, { queued });
}

/** `GET /v1/webhooks/{id}/deliveries`: the newest 50, newest first. */
export async function webhookDeliveries(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  requireOperator(c, deps.config);
  const { id } = await requireEndpoint({ ctx: deps, input: idOf(c) });
  const deliveries = await listDeliveries(deps.database, id);
  return answer(c, webhookDeliveriesRoute, 200, { data: deliveries.map(deliveryView) });
}

/** `whe_` of those that were added before ids had the platform's prefix: an id is sealed into the secret. */
const endpointIdShape = /^wh[ek]_[0-9a-f]{32}$/;

/** @throws {CodedError} not_found for what is no id */
function idOf(c: Context<AppEnv>): { id: string } {
  const id = c.req.param("id") ?? "";
  if (!endpointIdShape.test(id)) throw new CodedError("not_found");
  return { id };
}

/** @throws {CodedError} sealing_key_unavailable where the process has no master key to seal a secret under */
function requireWebhooks({ database, webhooks }: ApiDeps) {
  if (!webhooks) throw new CodedError("sealing_key_unavailable");
  return { database, ...webhooks };
}
