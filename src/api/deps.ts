import type { ApiConfig } from "../config/config.ts";
import type { Database } from "../db/client.ts";
import type { Clock } from "../domain/clock.ts";
import type { CredentialBreaker } from "../domain/credential-breaker.ts";
import type { ForgivenCounts } from "../domain/forgiven-counts.ts";
import type { Logger } from "../domain/logger.ts";
import type { PurposeKeys } from "../domain/master-keyring.ts";
import type { OperationRuns } from "../domain/operation-runs.ts";
import type { Telemetry } from "../domain/telemetry.ts";
import type { Tracing } from "../domain/tracing.ts";
import type { ProofSettings } from "../entra/consent-proof.ts";
import type { DomainDirectories } from "../entra/domain-directories.ts";
import type { TokenMint } from "../domain/token-mint.ts";
import type { CodeStore } from "../signin/code-store.ts";
import type { SigningKeys } from "../signin/signing-keys.ts";
import type { SignIn } from "../signin/sign-in.ts";
import type { WebhooksContext } from "../operations/webhooks.ts";
import type { Admission } from "./admission.ts";
import type { RequestWatcher } from "./request-watcher.ts";
import type { SessionVerifier } from "./session/session.ts";
import type { StreamPlaces } from "./browser/stream-places.ts";

/** What the routes work with; built once, in `processes/wire-api.ts`. */
export interface ApiDeps {
  readonly config: ApiConfig;
  readonly database: Database;
  readonly runs: OperationRuns;
  readonly clock: Clock;
  readonly sessions: SessionVerifier;
  readonly watcher: RequestWatcher;
  readonly streamPlaces: StreamPlaces;
  /** Whose domains are that people type. */
  readonly directories: DomainDirectories;
  /** By network address: sign-ins that named an organization or domain that leads nowhere. */
  readonly unknownOrganizations: ForgivenCounts;
  /** Of starts and proofs, by organization. */
  readonly admission: Admission;
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
  readonly consent?:
    | {
        readonly proof: ProofSettings;
        readonly browserKeys: PurposeKeys;
        readonly breaker: Pick<CredentialBreaker, "refused" | "close">;
      }
    | undefined;
  /** What adding a webhook needs beside the database; absent where there is no master key. */
  readonly webhooks?: Omit<WebhooksContext, "database"> | undefined;
  /** Fires when the process begins to stop, so that open event streams end. */
  readonly stopping: AbortSignal;
  readonly log: Logger;
  readonly telemetry: Telemetry;
  readonly tracing: Tracing;
}
