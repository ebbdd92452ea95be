import type { Database } from "../db/client.ts";
import { findEndpoint } from "../db/webhooks/endpoints.ts";
import { CodedError } from "../domain/coded-error.ts";
import type { SealedWebhookEndpoint } from "../domain/webhooks.ts";

/** @throws {CodedError} not_found */
export async function requireEndpoint({
  ctx,
  input,
}: {
  ctx: { readonly database: Database };
  input: { readonly id: string };
}): Promise<SealedWebhookEndpoint> {
  const endpoint = await ctx.database.run((q) => findEndpoint(q, input.id));
  if (!endpoint) throw new CodedError("not_found");
  return endpoint;
}
