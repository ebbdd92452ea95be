import type { Context } from "hono";
import { z } from "zod";
import { opaqueIdSchema } from "../../domain/ids.schema.ts";
import type { AppEnv } from "../app-env.ts";
import { answerAudit } from "../audit/answer-audit.ts";
import { auditAnswers, auditQuery } from "../audit/audit.schema.ts";
import { describeRoute } from "../contract/route.ts";
import type { ApiDeps } from "../deps.ts";
import { readQuery } from "../read-input.ts";
import { requireOperator } from "./provisions.ts";

const querySchema = z.strictObject({ organization_id: opaqueIdSchema.optional(), ...auditQuery });

export const auditRoute = describeRoute({
  methods: ["get"],
  path: "/v1/audit",
  servedBy: "management",
  operationId: "getAudit",
  tag: "Operators",
  summary: "The audit trail of every organization, or of one",
  caller: "operator",
  query: querySchema,
  answers: auditAnswers,
  refusals: [],
  refusesBy: { kind: "problem" },
});

/** `GET /v1/audit` */
export async function operatorAudit(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  requireOperator(c, deps.config);
  const query = readQuery(c, querySchema);
  const wish = { orgId: query.organization_id, from: query.from, to: query.to };
  return answerAudit(c, deps.database, { wish, query, reader: "operator" });
}
