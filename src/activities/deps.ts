import type { Database } from "../db/client.ts";
import type { EntraCloud } from "../domain/clouds.ts";
import type { EntraTenantId } from "../domain/ids.ts";
import type { MasterKeyring } from "../domain/master-keyring.ts";
import type { Telemetry } from "../domain/telemetry.ts";
import type { GraphApplications } from "../entra/graph-applications.ts";
import type { KeyWrapping } from "../sealing/key-wrapping.ts";

/** What the activities work with; built once, in `processes/wire-api.ts`. */
export interface ActivityDeps {
  readonly database: Database;
  /** For the words of the steps; secrets go through `keyWrapping`. */
  readonly keyring: MasterKeyring;
  readonly keyWrapping: KeyWrapping;
  readonly telemetry: Telemetry;
  readonly cloud: EntraCloud;
  readonly ssoOrigin: string;
  /** Client id of the provisioning app, which Graph may report as an application's creator. */
  readonly provisioningClientId: string;
  readonly adoptWindowMs: number;
  /** How many days ended clicks and operations, and events, are kept; undefined: for ever. */
  readonly retention: { readonly clickDays: number | undefined; readonly eventDays: number | undefined };
  /** How long one call to Microsoft may take, where it is not the usual. */
  readonly timeoutMs?: number;
  /** Makes patience testable: how much faster budgets run out, and the pause between attempts. */
  readonly pace?: { readonly budgetFactor: number; readonly retryDelayMs: number };
  /** The applications of one tenant, with calls that end when `signal` does. */
  applicationsOf(tenantId: EntraTenantId, signal: AbortSignal): GraphApplications;
}
