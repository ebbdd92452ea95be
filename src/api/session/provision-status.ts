import type { Context } from "hono";
import { z } from "zod";
import { factsOfWork } from "../../domain/work.ts";
import type { AppEnv } from "../app-env.ts";
import { organizationProvisionPath } from "../contract/fields.ts";
import { answer, describeRoute } from "../contract/route.ts";
import type { ApiDeps } from "../deps.ts";
import { operationViewSchema, provisionViewSchema } from "./provision.schema.ts";
import { requireOrgSession } from "./require-session.ts";
import { requireWork } from "./require-work.ts";
import { workProgress } from "./work-progress.ts";
import { requireOwn } from "./require-own.ts";

export const provisionStatusRoute = describeRoute({
  methods: ["get"],
  path: "/v1/session/orgs/{orgId}/ms-provision/{id}",
  servedBy: "management",
  operationId: "getProvision",
  tag: "Connect",
  summary: "What became of an attempt",
  caller: "admin",
  parameters: organizationProvisionPath,
  answers: {
    200: {
      description: "Status, steps and, where it failed, why.",
      schema: z.union([provisionViewSchema, operationViewSchema]),
    },
  },
  refusals: ["not_found"],
  refusesBy: { kind: "problem" },
});

/** `GET /v1/session/orgs/{orgId}/ms-provision/{id}`: of a click, or of an operation that no click led to. */
export async function provisionStatus(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const session = await requireOrgSession(c, deps, "admin");
  const work = await requireWork(deps, c.req.param("id"));
  requireOwn(session, factsOfWork(work));
  return answer(c, provisionStatusRoute, 200, await workProgress(deps, work));
}
