import type { Database } from "../../db/client.ts";
import type { Telemetry } from "../../domain/telemetry.ts";
import type { ResolveHost } from "../../domain/webhooks.ts";
import type { KeyWrapping } from "../../sealing/key-wrapping.ts";
import type { ActivityDeps } from "../deps.ts";

/** What delivering webhooks takes. */
export interface WebhookDeps {
  readonly database: Database;
  readonly keyWrapping: KeyWrapping;
  readonly telemetry: Telemetry;
  readonly ssoOrigin: string;
  readonly resolveHost: ResolveHost;
  /** For development alone: endpoints on this machine, also without TLS. */
  readonly allowLoopback: boolean;
  readonly pace?: ActivityDeps["pace"];
}
