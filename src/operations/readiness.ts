import { findPauses } from "../db/pauses.ts";
import { readDatabaseReadiness } from "../db/readiness.ts";
import type { OperationsContext } from "./context.ts";

/** Why a part is not as it should be; docs/operations.md says what to do about each. */
export type ReadinessReason =
  | "postgres_away"
  | "postgres_read_only"
  | "postgres_not_migrated"
  | "postgres_behind"
  | "temporal_away"
  | "temporal_refuses"
  | "temporal_namespace_missing"
  | "credential_refused";

/** What `/readyz` answers, of an API process and of a worker alike. */
export interface Readiness {
  readonly status: "ready" | "unready";
  readonly postgres: boolean;
  readonly temporal: boolean;
  readonly reasons: readonly ReadinessReason[];
}

/**
 * Judges whether a process may be sent people or work. Without Temporal, and while Microsoft refuses our own credential,
 * sign-in goes on, so that is said and no more; a
 * namespace that this process never saw is a wrong configuration and keeps it out. Make one for each process: it
 * remembers what it saw. The judgement itself never throws.
 */
export function createReadiness({
  database,
  runs,
}: Pick<OperationsContext, "database" | "runs">): () => Promise<Readiness> {
  let hasSeenNamespace = false;
  return async () => {
    const [postgres, namespace] = await Promise.all([readDatabaseReadiness(database), runs.namespace()]);
    hasSeenNamespace ||= namespace === "ready";
    const pauses = postgres === "ready" ? await findPauses(database).catch(() => []) : [];
    const isRefused = pauses.some(({ cause }) => cause === "credential_refused");
    const isReady = postgres === "ready" && (namespace !== "namespace_missing" || hasSeenNamespace);
    return {
      status: isReady ? "ready" : "unready",
      postgres: postgres === "ready",
      temporal: namespace === "ready",
      reasons: [
        ...(postgres === "ready" ? [] : [`postgres_${postgres}` as const]),
        ...(namespace === "ready" ? [] : [`temporal_${namespace}` as const]),
        ...(isRefused ? ["credential_refused" as const] : []),
      ],
    };
  };
}
