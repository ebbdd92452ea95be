import { createHash, timingSafeEqual } from "node:crypto";
import type { Context } from "hono";
import { z } from "zod";
import type { ApiConfig } from "../../config/config.ts";
import { listWork } from "../../db/find-work.ts";
import { CodedError } from "../../domain/coded-error.ts";
import { orgIdSchema } from "../../domain/ids.schema.ts";
import { requestStatuses } from "../../domain/provision-request.ts";
import { reasonSchema } from "../../domain/text.schema.ts";
import { cancel } from "../../operations/cancel.ts";
import { operatorView } from "../../operations/operator-view.ts";
import { retry } from "../../operations/retry.ts";
import type { AppEnv } from "../app-env.ts";
import { provisionPath } from "../contract/fields.ts";
import { answer, describeRoute } from "../contract/route.ts";
import type { ApiDeps } from "../deps.ts";
import { listMetadataSchema, pageOf, pageQuery } from "../paging.ts";
import { readBody, readQuery } from "../read-input.ts";
import {
  cancelledSchema,
  operatorDetailSchema,
  operatorViewSchema,
  retriedSchema,
} from "./provision.schema.ts";
import { workflowIdOf } from "../../domain/connection-operation.ts";
import { factsOfWork, type WorkId } from "../../domain/work.ts";
import { requireWork } from "../session/require-work.ts";
import { workProgress } from "../session/work-progress.ts";

const retrySchema = z.strictObject({
  reason: reasonSchema,
  access: z.enum(["everyone", "assigned"]).optional(),
  secret_lifetime_days: z.int().min(1).max(730).optional(),
});
const listSchema = z.strictObject({
  organization_id: orgIdSchema.optional(),
  status: z.enum(requestStatuses).optional(),
  ...pageQuery,
});

/** 128 random bits in base64url; what is shorter was not made as the configuration's hint says. */
const tokenCharactersMin = 22;

/**
 * The operator's name. Without any token configured the whole API is not there. A missing or short token is refused
 * whatever digests are configured.
 * @throws {CodedError} not_found, unauthenticated
 */
export function requireOperator(c: Context<AppEnv>, config: ApiConfig): string {
  if (config.operatorTokens.length === 0) throw new CodedError("not_found");
  const token = /^Bearer (\S+)$/i.exec(c.req.header("authorization") ?? "")?.[1] ?? "";
  if (token.length < tokenCharactersMin) throw new CodedError("unauthenticated");
  const given = createHash("sha256").update(token).digest();
  const operator = config.operatorTokens.find(({ sha256 }) => timingSafeEqual(sha256, given));
  if (!operator) throw new CodedError("unauthenticated");
  return operator.name;
}

export const listProvisionsRoute = describeRoute({
  methods: ["get"],
  path: "/v1/admin/ms-provisions",
  servedBy: "management",
  operationId: "listAllProvisions",
  tag: "Operators",
  summary: "Attempts of every organization, newest first",
  caller: "operator",
  query: listSchema,
  answers: {
    200: {
      description: "What the rows say.",
      schema: z.object({ data: z.array(operatorViewSchema), list_metadata: listMetadataSchema }),
    },
  },
  refusals: [],
  refusesBy: { kind: "problem" },
});

/** `GET /v1/admin/ms-provisions`, newest first. */
export async function listProvisions(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  requireOperator(c, deps.config);
  const { organization_id: orgId, status, limit, after } = readQuery(c, listSchema);
  const found = await listWork(
    deps.database,
    { orgId, status },
    { after: after as WorkId | undefined, limit: limit + 1 },
  );
  const { rows, ...rest } = pageOf(found?.map(operatorView), limit);
  return answer(c, listProvisionsRoute, 200, { data: [...rows], ...rest });
}

export const showProvisionRoute = describeRoute({
  methods: ["get"],
  path: "/v1/admin/ms-provisions/{id}",
  servedBy: "management",
  operationId: "showProvision",
  tag: "Operators",
  summary: "One attempt, with its steps",
  caller: "operator",
  parameters: provisionPath,
  answers: { 200: { description: "What its row and Temporal say.", schema: operatorDetailSchema } },
  refusals: ["not_found"],
  refusesBy: { kind: "problem" },
});

/** `GET /v1/admin/ms-provisions/{id}`: by the click's id, or by that of an operation. */
export async function showProvision(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  requireOperator(c, deps.config);
  const work = await requireWork(deps, c.req.param("id"));
  return answer(c, showProvisionRoute, 200, {
    ...operatorView(work),
    ...(await workProgress(deps, work)),
  });
}

export const retryProvisionRoute = describeRoute({
  methods: ["post"],
  path: "/v1/admin/ms-provisions/{id}/retry",
  servedBy: "management",
  operationId: "retryProvision",
  tag: "Operators",
  summary: "Put a failed attempt back to work",
  caller: "operator",
  parameters: provisionPath,
  body: { schema: retrySchema, isRequired: true },
  answers: { 202: { description: "The next generation is recorded.", schema: retriedSchema } },
  refusals: [
    "not_found",
    "not_failed",
    "cleanup_in_progress",
    "cleanup_needs_operator",
    "newer_request_exists",
    "another_directory",
    "connection_suspended",
    "connection_disconnected",
    "proof_expired",
    "restore_window_over",
    "directory_differs",
    "access_released",
    "directory_in_use",
    "operation_in_progress",
  ],
  refusesBy: { kind: "problem" },
});

/** `POST /v1/admin/ms-provisions/{id}/retry` */
export async function retryProvision(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const operator = requireOperator(c, deps.config);
  const { id } = factsOfWork(await requireWork(deps, c.req.param("id")));
  const { reason, access, secret_lifetime_days: secretLifetimeDays } = await readBody(c, retrySchema);
  const order = { operator, reason, access, secretLifetimeDays };
  const { operation } = await retry({ ctx: deps, input: { id, order } });
  return answer(c, retryProvisionRoute, 202, {
    id,
    generation: operation.generation,
    workflow_id: workflowIdOf(operation),
  });
}

const cancelSchema = z.strictObject({ reason: reasonSchema });

export const cancelProvisionRoute = describeRoute({
  methods: ["post"],
  path: "/v1/admin/ms-provisions/{id}/cancel",
  servedBy: "management",
  operationId: "cancelAnyProvision",
  tag: "Operators",
  summary: "End an open attempt",
  description: "What it made at Microsoft is removed.",
  caller: "operator",
  parameters: provisionPath,
  body: { schema: cancelSchema, isRequired: true },
  answers: { 202: { description: "It has ended.", schema: cancelledSchema } },
  refusals: ["not_found", "already_final"],
  refusesBy: { kind: "problem" },
});

/** `POST /v1/admin/ms-provisions/{id}/cancel`: ends an open request; what it made is undone. */
export async function cancelProvision(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const operator = requireOperator(c, deps.config);
  const { id } = factsOfWork(await requireWork(deps, c.req.param("id")));
  const { reason } = await readBody(c, cancelSchema);
  const by = { kind: "operator", name: operator, reason } as const;
  const { status, cleanup } = factsOfWork((await cancel({ ctx: deps, input: { id, by } })).work);
  return answer(c, cancelProvisionRoute, 202, { id, status, cleanup });
}
