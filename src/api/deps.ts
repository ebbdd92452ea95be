import type { ApiConfig } from "../config/config.ts";
import type { Database } from "../db/client.ts";
import type { Logger } from "../domain/logger.ts";
import type { ProvisionRuns } from "../domain/provision-runs.ts";
import type { ProofSettings } from "../entra/consent-proof.ts";
import type { SignIn } from "../signin/sign-in.ts";
import type { SessionVerifier } from "./session.ts";

/** What the routes work with; built once, in `cli/wiring.ts`. */
export interface ApiDeps {
  readonly config: ApiConfig;
  readonly database: Database;
  readonly runs: ProvisionRuns;
  readonly sessions: SessionVerifier;
  /** Absent where the role or the configuration has no provisioning app. */
  readonly consent?:
    | { readonly proof: ProofSettings; readonly browserKey: Buffer; readonly signIn: SignIn }
    | undefined;
  /** Fires when the process begins to stop, so that open event streams end. */
  readonly stopping: AbortSignal;
  readonly log: Logger;
}

export type AppEnv = { Variables: { requestId: string } };
