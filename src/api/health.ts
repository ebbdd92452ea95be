import type { Context } from "hono";
import { z } from "zod";
import type { AppEnv } from "./app-env.ts";
import { answer, describeRoute } from "./contract/route.ts";

export const healthRoute = describeRoute({
  methods: ["get"],
  path: "/healthz",
  servedBy: "both",
  operationId: "getHealth",
  tag: "Service",
  summary: "Does the process answer?",
  caller: "anybody",
  answers: { 200: { description: "It does.", schema: z.object({ status: z.literal("ok") }) } },
  refusals: [],
  refusesBy: { kind: "problem" },
});

/** `GET /healthz`: looks at nothing else. */
export function health(c: Context<AppEnv>): Response {
  return answer(c, healthRoute, 200, { status: "ok" });
}
