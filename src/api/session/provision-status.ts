import type { Context } from "hono";
import {
  findRequest,
  findRunningRequest,
  listOpenRequests,
} from "../../db/provision-requests/find-request.ts";
import { findConnection, listConnections } from "../../db/sso-connections.ts";
import { CodedError } from "../../domain/coded-error.ts";
import { connectionIdSchema, provisionRequestIdSchema } from "../../domain/ids.schema.ts";
import { type StepProgress, stepNamesOf } from "../../domain/provision-contract.ts";
import type { ProvisionRequest } from "../../domain/provision-request.ts";
import { connectionView } from "./connection-view.ts";
import type { AppEnv } from "../app-env.ts";
import type { ApiDeps } from "../deps.ts";
import { failureView } from "./failure-view.ts";
import type { SsoConnection } from "../../domain/sso-connection.ts";
import type { OrgSession } from "./session.ts";
import { requireOrgSession } from "./require-session.ts";

/** `GET /v1/session/orgs/{orgId}/ms-provision`: what the button needs. */
export async function provisionAvailability(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const session = await requireOrgSession(c, deps, "member");
  const configured = deps.config.provisioning.kind === "configured";
  const reason = configured
    ? session.isAdmin
      ? undefined
      : "insufficient_role"
    : "ms_provision_not_configured";
  const [connections, running, open] = await Promise.all([
    listConnections(deps.database, session),
    findRunningRequest(deps.database, session.orgId),
    // For those who may cancel them.
    !session.isAdmin ? [] : listOpenRequests(deps.database, session.orgId),
  ]);
  return c.json({
    configured,
    can_start: reason === undefined,
    ...(reason ? { reason } : {}),
    // For a dashboard that is opened while an attempt is under way.
    ...(running ? { running_request: { id: running.id, status: running.status } } : {}),
    ...(open.length > 0 ? { open_requests: open.map(openView) } : {}),
    connections: connections.map((one) => connectionView(deps.config.ssoOrigin, one)),
  });
}

/** An attempt that waits for its approval or confirmation. */
function openView(request: ProvisionRequest): Record<string, string> {
  return {
    id: request.id,
    status: request.status,
    started_by: request.startedBy,
    created_at: request.createdAt.toISOString(),
    expires_at: request.expiresAt.toISOString(),
  };
}

/** `GET /v1/session/orgs/{orgId}/sso-connections` */
export async function connectionList(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const session = await requireOrgSession(c, deps, "member");
  const connections = await listConnections(deps.database, session);
  return c.json({ data: connections.map((one) => connectionView(deps.config.ssoOrigin, one)) });
}

/** `GET /v1/session/orgs/{orgId}/sso-connections/{id}` */
export async function oneConnection(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const session = await requireOrgSession(c, deps, "member");
  const connection = await requireConnectionOf(deps, session, c.req.param("id"));
  return c.json(connectionView(deps.config.ssoOrigin, connection));
}

/** Another organization's, another project's and none at all look the same. @throws {CodedError} not_found */
export async function requireConnectionOf(
  deps: Pick<ApiDeps, "database">,
  session: OrgSession,
  given: string | undefined,
): Promise<SsoConnection> {
  const id = connectionIdSchema.safeParse(given);
  const connection = id.success ? await findConnection(deps.database, id.data) : undefined;
  if (connection?.orgId !== session.orgId || connection.projectId !== session.projectId)
    throw new CodedError("not_found");
  return connection;
}

/** `GET /v1/session/orgs/{orgId}/ms-provision/{id}` */
export async function provisionStatus(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const session = await requireOrgSession(c, deps, "admin");
  const request = await requireRequest(deps, c.req.param("id"));
  if (request.orgId !== session.orgId) throw new CodedError("not_found");
  return c.json(await requestView(deps, request));
}

export async function requireRequest(deps: ApiDeps, id: string | undefined): Promise<ProvisionRequest> {
  const parsed = provisionRequestIdSchema.safeParse(id);
  const request = parsed.success ? await findRequest(deps.database, parsed.data) : undefined;
  if (!request) throw new CodedError("not_found");
  return request;
}

/** Status as people see it. Steps fall back to "pending" while Temporal is away. */
export async function requestView(
  deps: ApiDeps,
  request: ProvisionRequest,
): Promise<Record<string, unknown>> {
  return {
    id: request.id,
    status: request.status,
    cleanup: request.cleanup,
    ...(request.status === "succeeded" && request.connectionId
      ? { connection_id: request.connectionId }
      : {}),
    steps: (await stepsOf(deps, request)).map(({ startedAt, endedAt, ...step }) => ({
      ...step,
      ...(startedAt ? { started_at: startedAt } : {}),
      ...(endedAt ? { ended_at: endedAt } : {}),
    })),
    ...(request.errorCode === null ? {} : { error: await failureView(deps, request, request.errorCode) }),
  };
}

export async function stepsOf(deps: ApiDeps, request: ProvisionRequest): Promise<readonly StepProgress[]> {
  const unknown: StepProgress[] = stepNamesOf(request.kind).map((name) => ({
    name,
    state: "pending",
    attempts: 0,
  }));
  if (request.workflowId === null) return unknown;
  try {
    const steps = await deps.watcher.steps(request);
    return steps.length > 0 ? steps : unknown;
  } catch {
    return unknown;
  }
}
