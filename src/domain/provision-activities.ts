import type { AppClientId, AppObjectId, ConnectionId, SecretKeyId, ServicePrincipalId } from "./ids.ts";
import type { ErrorCode } from "./error-codes.ts";
import type { MicrosoftReference } from "./microsoft-codes.ts";
import type { RunRef } from "./provision-contract.ts";

/** The ids of one application in the customer's tenant. */
export interface ApplicationIds {
  readonly appObjectId: AppObjectId;
  readonly appId: AppClientId;
  readonly servicePrincipalId: ServicePrincipalId;
}

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

/**
 * The one contract between workflow and activities: each takes one object and gives one object, so a field can be
 * added without breaking stored histories. Every result is written to the event history: ids and ciphertext only.
 * Each is safe to repeat. Failures are `ApplicationFailure`s whose `type` is an `ErrorCode`.
 *
 * Whoever may start workflows or activities by hand chooses the inputs, so an input holds the run's name and what
 * cannot stand in the row: envelopes, and proofs of earlier steps. Ids come from the row, addresses are computed. Ids
 * in results are for people who read the history.
 */
export interface ProvisionActivities {
  /** Fetches the tenant's discovery document and checks its issuer. Repeat: the same answer. */
  discoverIssuer(run: RunRef): Promise<{ readonly issuer: string }>;
  /** Adopts the connection's application or creates one. Repeat: finds what it made, by row or by mark. */
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
  /** Mints a client secret and hands on its ciphertext. Repeat: removes what earlier attempts minted, mints anew. */
  addPassword(run: RunRef): Promise<MintedSecret>;
  /** Turns transit ciphertext into storage ciphertext. Repeat: another envelope of the same secret. */
  sealSecret(run: RunRef & MintedSecret): Promise<SealedSecret>;
  /** Shows that Microsoft's token endpoint accepts the sealed secret, and vouches for it. Repeat: asks again. */
  proveSecret(run: RunRef & StoredSecret): Promise<{ readonly provedAt: string; readonly proofMac: string }>;
  /**
   * One transaction: active connection, request `succeeded`, audit event; refused without the word of both steps.
   * Repeat: success without a write.
   */
  upsertConnection(
    run: RunRef & SealedSecret & { readonly proofMac: string },
  ): Promise<{ readonly connectionId: ConnectionId }>;
  /** Removes what the switch left behind: our other credentials on the application. Repeat: finds nothing. */
  removeSupersededCredentials(run: RunRef): Promise<{ readonly removed: number }>;
  /** Moves the request to `failed`, unless it has succeeded. Repeat: the recorded outcome. */
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
