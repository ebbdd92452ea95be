import { createHash, timingSafeEqual } from "node:crypto";
import type { Context } from "hono";
import { z } from "zod";
import type { ApiConfig } from "../../config/config.ts";
import { listRequests } from "../../db/provision-requests/find-request.ts";
import { CodedError } from "../../domain/coded-error.ts";
import { opaqueIdSchema } from "../../domain/ids.schema.ts";
import { workflowIdOf } from "../../domain/provision-contract.ts";
import { type ProvisionRequest, requestStatuses } from "../../domain/provision-request.ts";
import { reasonSchema } from "../../domain/text.schema.ts";
import { cancel } from "../../operations/cancel.ts";
import { retry } from "../../operations/retry.ts";
import type { AppEnv } from "../app-env.ts";
import type { ApiDeps } from "../deps.ts";
import { readBody, readQuery } from "../read-input.ts";
import { requestView, requireRequest } from "../session/provision-status.ts";

const retrySchema = z.strictObject({
  reason: reasonSchema,
  access: z.enum(["everyone", "assigned"]).optional(),
  secret_lifetime_days: z.int().min(1).max(730).optional(),
});
const listSchema = z.strictObject({
  organization_id: opaqueIdSchema.optional(),
  status: z.enum(requestStatuses).optional(),
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

/** `GET /v1/admin/ms-provisions`, newest first. */
export async function listProvisions(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  requireOperator(c, deps.config);
  const { organization_id: orgId, status } = readQuery(c, listSchema);
  const requests = await listRequests(deps.database, {
    orgId,
    status,
    limit: 100,
  });
  return c.json({ data: requests.map(operatorView) });
}

/** `GET /v1/admin/ms-provisions/{id}` */
export async function showProvision(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  requireOperator(c, deps.config);
  const request = await requireRequest(deps, c.req.param("id"));
  return c.json({ ...operatorView(request), ...(await requestView(deps, request)) });
}

/** `POST /v1/admin/ms-provisions/{id}/retry` */
export async function retryProvision(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const operator = requireOperator(c, deps.config);
  const { id } = await requireRequest(deps, c.req.param("id"));
  const { reason, access, secret_lifetime_days: secretLifetimeDays } = await readBody(c, retrySchema);
  const order = { operator, reason, access, secretLifetimeDays };
  const { request } = await retry({ ctx: deps, input: { id, order } });
  return c.json({ id, generation: request.generation, workflow_id: workflowIdOf(id) }, 202);
}

const cancelSchema = z.strictObject({ reason: reasonSchema });

/** `POST /v1/admin/ms-provisions/{id}/cancel`: ends an open request; what it made is undone. */
export async function cancelProvision(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const operator = requireOperator(c, deps.config);
  const { id } = await requireRequest(deps, c.req.param("id"));
  const { reason } = await readBody(c, cancelSchema);
  const by = { kind: "operator", name: operator, reason } as const;
  const { request } = await cancel({ ctx: deps, input: { id, by } });
  return c.json({ id, status: request.status, cleanup: request.cleanup }, 202);
}

function operatorView(request: ProvisionRequest): Record<string, unknown> {
  return {
    id: request.id,
    organization_id: request.orgId,
    project_id: request.projectId,
    kind: request.kind,
    status: request.status,
    cleanup: request.cleanup,
    generation: request.generation,
    error_code: request.errorCode,
    error_microsoft: request.errorMicrosoft,
    entra_tenant_id: request.entraTenantId,
    connection_id: request.connectionId,
    workflow_id: request.workflowId,
    app_object_id: request.appObjectId,
    app_id: request.appId,
    adopted: request.adopted,
    joined_request_id: request.joinedRequestId,
    started_by: request.startedBy,
    created_at: request.createdAt.toISOString(),
    completed_at: request.completedAt?.toISOString() ?? null,
  };
}
