import type { Context } from "hono";
import { z } from "zod";
import type { AppEnv } from "../app-env.ts";
import { answerAudit } from "../audit/answer-audit.ts";
import { auditAnswers, auditQuery } from "../audit/audit.schema.ts";
import { organizationPath } from "../contract/fields.ts";
import { describeRoute } from "../contract/route.ts";
import type { ApiDeps } from "../deps.ts";
import { readQuery } from "../read-input.ts";
import { requireOrgSession } from "./require-session.ts";

const querySchema = z.strictObject(auditQuery);

export const organizationAuditRoute = describeRoute({
  methods: ["get"],
  path: "/v1/session/orgs/{orgId}/audit",
  servedBy: "management",
  operationId: "getOrganizationAudit",
  tag: "Connections",
  summary: "What happened, for a reviewer",
  description: "Read or export the organization's audit trail, with the daily counts of sign-ins.",
  caller: "admin",
  parameters: organizationPath,
  query: querySchema,
  answers: auditAnswers,
  refusals: [],
  refusesBy: { kind: "problem" },
});

/** `GET /v1/session/orgs/{orgId}/audit`: the session's organization in its project. */
export async function organizationAudit(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const { projectId, orgId } = await requireOrgSession(c, deps, "admin");
  const query = readQuery(c, querySchema);
  const wish = { projectId, orgId, from: query.from, to: query.to };
  return answerAudit(c, deps.database, { wish, query, reader: "owner" });
}
