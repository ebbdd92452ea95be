import type { AppObjectId, ConnectionId, SecretKeyId } from "./ids.ts";
import type { ErrorCode } from "./error-codes.ts";
import type { MicrosoftReference } from "./microsoft-codes.ts";
import type { StepName } from "./operation-kinds.ts";
import type { AccessChoice, ApplicationIds, RunRef } from "./connection-operation.ts";

/** A secret on its way: ciphertext under the transit key, bound to the run and to what Entra says about it. */
export interface MintedSecret {
  readonly transitSecret: string;
  readonly secretKeyId: SecretKeyId;
  /** ISO-8601 UTC, as Entra granted it (a tenant's policy may have shortened it). */
  readonly secretExpiresAt: string;
}

/** A secret at rest: ciphertext under the storage key. */
export interface StoredSecret {
  readonly sealedSecret: string;
  readonly secretKeyId: SecretKeyId;
  readonly secretExpiresAt: string;
}

/** With `sealSecret`'s word that all of it is of this run. */
export interface SealedSecret extends StoredSecret {
  readonly sealMac: string;
}

/** A connection that a run made live. */
export interface LiveConnection {
  readonly connectionId: ConnectionId;
  /** Its application may have credentials of ours from before; one that was just made, at the first attempt, has none. */
  readonly mayLeaveCredentials: boolean;
}

/**
 * The one contract between workflow and activities: each takes one object and gives one object, so a field can be
 * added without breaking stored histories. Every result is written to the event history: ids and ciphertext only.
 * Each is safe to repeat. Failures are `ApplicationFailure`s whose `type` is an `ErrorCode`.
 *
 * Whoever may start workflows or activities by hand chooses the inputs, so an input holds the run's name and what
 * cannot stand in the row: envelopes, and proofs of earlier steps. Ids come from the row, addresses are computed. Ids
 * in results are for people who read the history.
 */
export interface ProvisionActivities extends Readonly<
  // A step of the table of kinds that is not declared here has no activity: worker and policies do not compile.
  Record<StepName, (input: never) => Promise<unknown>>
> {
  /**
   * Checks the issuer that the tenant's discovery document names, then adopts the connection's application or creates
   * one. Repeat: finds what it made, by row or by mark.
   */
  instantiateApplication(run: RunRef): Promise<ApplicationIds & { readonly adopted: boolean }>;
  /**
   * Writes the full desired state of application and service principal, and consents for all users where our app may
   * do that. Repeat: writes it again.
   */
  configureOidc(run: RunRef): Promise<{ readonly redirectUri: string; readonly usersConsented: boolean }>;
  /**
   * Renewal only: the connection's own application, which must still be there; nothing is configured, and only a lost
   * service principal is made anew.
   * Repeat: the same answer.
   */
  beginRenewal(run: RunRef): Promise<ApplicationIds>;
  /**
   * Restore only: the connection's own application and service principal, brought back where they are deleted, without
   * the credentials that came back with them. Repeat: the same answer.
   */
  restoreApplication(run: RunRef): Promise<ApplicationIds>;
  /** Disconnect only: removes our credentials, then the application. Repeat: finds it gone. */
  removeApplication(run: RunRef): Promise<{ readonly removed: boolean }>;
  /** Ends a disconnection; what Microsoft did not let us remove is listed for a person. Repeat: no change. */
  recordDisconnected(
    run: RunRef & { readonly isRemoved: boolean },
  ): Promise<{ readonly connectionId: ConnectionId }>;
  /** Change of access only: has Microsoft ask for an assignment or not, and confirms it. Repeat: writes it again. */
  changeAccess(run: RunRef): Promise<{ readonly access: AccessChoice }>;
  /** Ends a change of access: what Microsoft has now stands in the connection. Repeat: no change. */
  recordAccess(run: RunRef): Promise<{ readonly connectionId: ConnectionId }>;
  /** Release only: deletes our own service principal in the directory, and confirms it. Repeat: finds it gone. */
  releaseAccess(run: RunRef): Promise<{ readonly removed: boolean }>;
  /** Ends a release; the organization's connections there say it from now on. Repeat: no change. */
  recordReleased(run: RunRef): Promise<{ readonly connectionId: ConnectionId }>;
  /** Mints a client secret and hands on its ciphertext. Repeat: removes what earlier attempts minted, mints anew. */
  addPassword(run: RunRef): Promise<MintedSecret>;
  /** Turns transit ciphertext into storage ciphertext. Repeat: another envelope of the same secret. */
  sealSecret(run: RunRef & MintedSecret): Promise<SealedSecret>;
  /** Shows that Microsoft's token endpoint accepts the minted secret, and vouches for it. Repeat: asks again. */
  proveSecret(run: RunRef & MintedSecret): Promise<{ readonly provedAt: string; readonly proofMac: string }>;
  /**
   * One transaction: active connection, operation `succeeded`, audit event; refused without the word of both steps.
   * Repeat: success without a write.
   */
  upsertConnection(run: RunRef & SealedSecret & { readonly proofMac: string }): Promise<LiveConnection>;
  /** Removes what the switch left behind: our other credentials on the application. Repeat: finds nothing. */
  removeSupersededCredentials(run: RunRef): Promise<{ readonly removed: number }>;
  /** Moves the operation to `failed`, unless it has succeeded. Repeat: the recorded outcome. */
  recordFailure(
    run: RunRef & { readonly code: ErrorCode; readonly microsoft?: MicrosoftReference | undefined },
  ): Promise<RecordedOutcome>;
  /** Deletes the application that this generation created and records the clean-up. Repeat: confirms it is gone. */
  deleteOrphanedApplication(run: RunRef): Promise<{ readonly deleted: readonly AppObjectId[] }>;
  /** Hands an undo that cannot finish to a person. Repeat: no change. */
  recordCleanupNeedsOperator(run: RunRef): Promise<Record<string, never>>;
}

/** What the row says after a failure was reported; `stale` when another generation has taken over. */
export type RecordedOutcome =
  | { readonly kind: "failed"; readonly code: ErrorCode; readonly cleanup: "pending" | "none" }
  | { readonly kind: "succeeded"; readonly connectionId: ConnectionId }
  | { readonly kind: "stale" };
