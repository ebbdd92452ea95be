import type { ApiConfig } from "../config/config.ts";
import type { Database } from "../db/client.ts";
import type { Logger } from "../domain/logger.ts";
import type { PurposeKeys } from "../domain/master-keyring.ts";
import type { ProvisionRuns } from "../domain/provision-runs.ts";
import type { Telemetry } from "../domain/telemetry.ts";
import type { ProofSettings } from "../entra/consent-proof.ts";
import type { TokenMint } from "../domain/token-mint.ts";
import type { CodeStore } from "../signin/code-store.ts";
import type { SigningKeys } from "../signin/signing-keys.ts";
import type { SignIn } from "../signin/sign-in.ts";
import type { RequestWatcher } from "./request-watcher.ts";
import type { SessionVerifier } from "./session/session.ts";
import type { StreamPlaces } from "./browser/stream-places.ts";

/** What the routes work with; built once, in `processes/wire-api.ts`. */
export interface ApiDeps {
  readonly config: ApiConfig;
  readonly database: Database;
  readonly runs: ProvisionRuns;
  readonly sessions: SessionVerifier;
  readonly watcher: RequestWatcher;
  readonly streamPlaces: StreamPlaces;
  /** What needs the master keys and nothing else; absent where the role or the configuration has none. */
  readonly keyed?:
    | {
        readonly browserKeys: PurposeKeys;
        /** Sign the addresses of pages that say what a callback refused. */
        readonly refusalKeys: PurposeKeys;
        readonly signIn: SignIn;
        /** What applications exchange for an identity, and what they get for it. */
        readonly codes: CodeStore;
        readonly signingKeys: SigningKeys;
        readonly tokenMint: TokenMint;
      }
    | undefined;
  /** Absent where the role or the configuration has no provisioning app: live connections go on without it. */
  readonly consent?: { readonly proof: ProofSettings; readonly browserKeys: PurposeKeys } | undefined;
  /** Fires when the process begins to stop, so that open event streams end. */
  readonly stopping: AbortSignal;
  readonly log: Logger;
  readonly telemetry: Telemetry;
}
