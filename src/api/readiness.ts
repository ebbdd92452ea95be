import type { Context } from "hono";
import { z } from "zod";
import { createReadiness, type Readiness } from "../operations/readiness.ts";
import type { AppEnv } from "./app-env.ts";
import { answer, describeRoute } from "./contract/route.ts";
import type { ApiDeps } from "./deps.ts";

const reasons = [
  "postgres_away",
  "postgres_read_only",
  "postgres_not_migrated",
  "postgres_behind",
  "temporal_away",
  "temporal_refuses",
  "temporal_namespace_missing",
  "credential_refused",
] as const satisfies readonly Readiness["reasons"][number][];

const readinessSchema = z
  .object({
    status: z.enum(["ready", "unready"]),
    postgres: z.boolean(),
    temporal: z.boolean(),
    reasons: z.array(z.enum(reasons)).readonly(),
  })
  .meta({ id: "Readiness" });

export const readinessRoute = describeRoute({
  methods: ["get"],
  path: "/readyz",
  servedBy: "both",
  operationId: "getReadiness",
  tag: "Service",
  summary: "May a load balancer send people here?",
  caller: "anybody",
  answers: {
    200: {
      description:
        "Yes; also without Temporal, or while Microsoft refuses our own credential, which `reasons` then says.",
      schema: readinessSchema,
    },
    503: { description: "No; `reasons` says why.", schema: readinessSchema },
  },
  refusals: [],
  refusesBy: { kind: "problem" },
});

/** `GET /readyz`: 200 where a load balancer may send people, else 503; the body says why. */
export function readiness(deps: ApiDeps): (c: Context<AppEnv>) => Promise<Response> {
  const look = createReadiness(deps);
  return async (c) => {
    const seen = await look();
    return answer(c, readinessRoute, seen.status === "ready" ? 200 : 503, seen);
  };
}
