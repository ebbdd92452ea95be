import { createHmac, randomBytes } from "node:crypto";
import { SecretText } from "../domain/secret-text.ts";
import type { SealedWebhookEndpoint, WebhookSecrets } from "../domain/webhooks.ts";
import { webhookSecretContext } from "./contexts.ts";
import { open, seal } from "./envelope.ts";
import type { KeyWrapping } from "./key-wrapping.ts";

/** A fresh secret of 256 bits, for its one showing and for the row. */
export async function newWebhookSecret(
  keyWrapping: KeyWrapping,
  endpoint: { readonly id: string; readonly url: string },
): Promise<{ secret: SecretText; sealed: string }> {
  const secret = new SecretText(`whsec_${randomBytes(32).toString("base64url")}`);
  return {
    secret,
    sealed: await seal(keyWrapping, "webhook-secret", webhookSecretContext(endpoint), secret),
  };
}

/** Opens what signs now, newest first. @throws {SealingError} */
export async function openWebhookSecrets(
  keyWrapping: KeyWrapping,
  endpoint: SealedWebhookEndpoint,
): Promise<WebhookSecrets> {
  const opened = (sealed: string): Promise<SecretText> =>
    open(keyWrapping, "webhook-secret", webhookSecretContext(endpoint), sealed);
  const { sealedSecret, sealedPrevious, previousUntil } = endpoint;
  const isPreviousValid = sealedPrevious !== null && previousUntil !== null && previousUntil > new Date();
  return [await opened(sealedSecret), ...(isPreviousValid ? [await opened(sealedPrevious)] : [])];
}

/**
 * `t={seconds},v1={hex}[,v1={hex}]`: HMAC-SHA-256 of `{t}.{body}` under each secret, whole as it was shown. `t` is the
 * attempt's own, so that a receiver can refuse what is older than five minutes.
 */
export function signWebhook(secrets: WebhookSecrets, body: string, at: Date): string {
  const t = Math.floor(at.getTime() / 1000);
  const signatures = secrets.map((secret) =>
    createHmac("sha256", secret.reveal()).update(`${t}.${body}`, "utf8").digest("hex"),
  );
  return [`t=${t}`, ...signatures.map((signature) => `v1=${signature}`)].join(",");
}
