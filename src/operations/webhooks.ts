import type { Database } from "../db/client.ts";
import { newWebhookEndpointId } from "../db/new-id.ts";
import { addEndpoint, switchSecret } from "../db/webhooks/endpoints.ts";
import { queueReplay, queueTest, type ReplayWish } from "../db/webhooks/queue.ts";
import { checkAddresses, parseWebhookUrl } from "../domain/checked-url.ts";
import { CodedError } from "../domain/coded-error.ts";
import type { EventName } from "../domain/events.ts";
import type { SecretText } from "../domain/secret-text.ts";
import type { ResolveHost, WebhookEndpoint } from "../domain/webhooks.ts";
import type { KeyWrapping } from "../sealing/key-wrapping.ts";
import { newWebhookSecret } from "../sealing/webhook-secrets.ts";
import { requireEndpoint } from "./require-endpoint.ts";

export interface WebhooksContext {
  readonly database: Database;
  readonly keyWrapping: KeyWrapping;
  readonly resolveHost: ResolveHost;
  readonly ssoOrigin: string;
  readonly allowLoopback: boolean;
}

/**
 * Adds an endpoint, from now on told of what it asks for. The secret is shown once. A second call adds another.
 * @throws {CodedError} webhook_url_not_allowed, too_many_webhooks
 */
export async function addWebhook({
  ctx,
  input,
}: {
  ctx: WebhooksContext;
  input: {
    readonly url: string;
    readonly events: readonly EventName[] | null;
    readonly description: string | null;
    readonly operator: string;
  };
}): Promise<{ endpoint: WebhookEndpoint; secret: SecretText }> {
  const { database, keyWrapping, ssoOrigin, resolveHost: resolve, allowLoopback } = ctx;
  const url = parseWebhookUrl(input.url, allowLoopback);
  if (!url) throw new CodedError("webhook_url_not_allowed");
  const found = await checkAddresses(url, { resolve, allowLoopback });
  if (found.kind !== "allowed") throw new CodedError("webhook_url_not_allowed");
  const { events, description, operator: createdBy } = input;
  const id = newWebhookEndpointId();
  const { secret, sealed: sealedSecret } = await newWebhookSecret(keyWrapping, { id, url: url.href });
  const row = { id, ssoOrigin, url: url.href, events, description, sealedSecret, createdBy };
  return { endpoint: await addEndpoint(database, row), secret };
}

/**
 * Gives an endpoint another secret, shown once; both sign for a day. A second call within it ends the oldest at once.
 * @throws {CodedError} not_found
 */
export async function rotateWebhookSecret({
  ctx,
  input,
}: {
  ctx: Pick<WebhooksContext, "database" | "keyWrapping">;
  input: { readonly id: string };
}): Promise<{ endpoint: WebhookEndpoint; secret: SecretText }> {
  const before = await requireEndpoint({ ctx, input });
  const { secret, sealed } = await newWebhookSecret(ctx.keyWrapping, before);
  const endpoint = await switchSecret(ctx.database, before.id, sealed);
  if (!endpoint) throw new CodedError("not_found");
  return { endpoint, secret };
}

/**
 * Has a test sent, which a worker does within seconds; an endpoint that was switched off is on again once it is accepted.
 * @returns the delivery's id
 * @throws {CodedError} not_found
 */
export async function testWebhook({
  ctx,
  input,
}: {
  ctx: Pick<WebhooksContext, "database">;
  input: { readonly id: string };
}): Promise<number> {
  const { id } = await requireEndpoint({ ctx, input });
  return queueTest(ctx.database, id);
}

/**
 * Has one delivery, or every event of a time, sent again. Nothing is sent while the endpoint is off.
 * @returns how many
 * @throws {CodedError} not_found
 */
export async function replayWebhook({
  ctx,
  input,
}: {
  ctx: Pick<WebhooksContext, "database">;
  input: { readonly id: string; readonly wish: ReplayWish };
}): Promise<number> {
  const { id } = await requireEndpoint({ ctx, input });
  const queued = await queueReplay(ctx.database, id, input.wish);
  if (queued === 0 && "deliveryId" in input.wish) throw new CodedError("not_found");
  return queued;
}
