import type { Context } from "hono";
import { readDatabaseReadiness } from "../db/readiness.ts";
import type { AppEnv } from "./app-env.ts";
import type { ApiDeps } from "./deps.ts";

/** Why a part is not as it should be; docs/operations.md says what to do about each. */
export type ReadinessReason =
  | "postgres_away"
  | "postgres_read_only"
  | "postgres_not_migrated"
  | "postgres_behind"
  | "temporal_away"
  | "temporal_refuses"
  | "temporal_namespace_missing";

/**
 * `GET /readyz`: 200 where a load balancer may send people. Sign-in goes on without Temporal, so that is said and no
 * more; a namespace that this process never saw is a wrong configuration and keeps it out.
 */
export function readiness(deps: ApiDeps): (c: Context<AppEnv>) => Promise<Response> {
  let hasSeenNamespace = false;
  return async (c) => {
    const [database, namespace] = await Promise.all([
      readDatabaseReadiness(deps.database),
      deps.runs.namespace(),
    ]);
    hasSeenNamespace ||= namespace === "ready";
    const isReady = database === "ready" && (namespace !== "namespace_missing" || hasSeenNamespace);
    const reasons: ReadinessReason[] = [
      ...(database === "ready" ? [] : [`postgres_${database}` as const]),
      ...(namespace === "ready" ? [] : [`temporal_${namespace}` as const]),
    ];
    const status = isReady ? "ready" : "unready";
    const body = { status, postgres: database === "ready", temporal: namespace === "ready", reasons };
    return c.json(body, isReady ? 200 : 503);
  };
}
