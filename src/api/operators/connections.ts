import type { Context } from "hono";
import { listAllConnections } from "../../db/list-connections.ts";
import { CodedError } from "../../domain/coded-error.ts";
import { connectionIdSchema } from "../../domain/ids.schema.ts";
import { changeConnection } from "../../operations/change-connection.ts";
import { disconnect } from "../../operations/disconnect.ts";
import { restore } from "../../operations/restore.ts";
import type { AppEnv } from "../app-env.ts";
import { answer } from "../contract/route.ts";
import type { ApiDeps } from "../deps.ts";
import { pageOf } from "../paging.ts";
import { readBody, readQuery } from "../read-input.ts";
import { begunView, connectionViews, oneConnectionView } from "../session/connection-view.ts";
import {
  connectionsQuery,
  disconnectAnyConnectionRoute,
  listAllConnectionsRoute,
  orderBody,
  restoreAnyConnectionRoute,
  returnBody,
  resumeAnyConnectionRoute,
  suspendAnyConnectionRoute,
} from "./connection-routes.ts";
import { requireOperator } from "./provisions.ts";

/** `GET /v1/admin/sso-connections` */
export async function listEveryConnection(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  requireOperator(c, deps.config);
  const query = readQuery(c, connectionsQuery);
  const { organization_id: orgId, entra_tenant_id: tenantId, status, limit } = query;
  const after = connectionIdSchema.optional().safeParse(query.after);
  const found = after.success
    ? await listAllConnections(
        deps.database,
        { orgId, tenantId, status },
        { limit: limit + 1, after: after.data },
      )
    : undefined;
  const { rows, ...rest } = pageOf(found, limit);
  return answer(c, listAllConnectionsRoute, 200, { data: await connectionViews(deps, rows), ...rest });
}

/** `POST /v1/admin/sso-connections/{id}/suspend`: 200 at once, also where it was so before. */
export async function suspendAnyConnection(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const { id, reason, actor } = await readOrder(c, deps);
  const input = { id, change: { status: "suspended" }, by: { actor, reason } } as const;
  const connection = await changeConnection({ ctx: deps, input });
  deps.log.info("connection suspended by an operator", { connection_id: id, actor });
  return answer(c, suspendAnyConnectionRoute, 200, await oneConnectionView(deps, connection));
}

/** `POST /v1/admin/sso-connections/{id}/resume`: 200 at once, also where it was so before. */
export async function resumeAnyConnection(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const { id, ...by } = await readReturn(c, deps);
  const { actor } = by;
  const input = { id, change: { status: "active" }, by } as const;
  const connection = await changeConnection({ ctx: deps, input });
  deps.log.info("connection resumed by an operator", { connection_id: id, actor });
  return answer(c, resumeAnyConnectionRoute, 200, await oneConnectionView(deps, connection));
}

/** `POST /v1/admin/sso-connections/{id}/disconnect`: 202; a second call finds the operation of the first. */
export async function disconnectAnyConnection(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const order = await readOrder(c, deps);
  const { operation } = await disconnect({ ctx: deps, input: order });
  deps.log.info("connection disconnected by an operator", { connection_id: order.id, actor: order.actor });
  return answer(c, disconnectAnyConnectionRoute, 202, { operation: begunView(operation) });
}

/** `POST /v1/admin/sso-connections/{id}/restore`: 202; a second call while it is under way finds the same operation. */
export async function restoreAnyConnection(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const order = await readReturn(c, deps);
  const { operation } = await restore({ ctx: deps, input: order });
  deps.log.info("connection is being restored by an operator", {
    connection_id: order.id,
    actor: order.actor,
  });
  return answer(c, restoreAnyConnectionRoute, 202, { operation: begunView(operation) });
}

/** @throws {CodedError} not_found, unauthenticated, invalid_request */
async function readOrder(c: Context<AppEnv>, deps: ApiDeps) {
  return { ...calledBy(c, deps), ...(await readBody(c, orderBody)) };
}

/** @throws {CodedError} not_found, unauthenticated, invalid_request */
async function readReturn(c: Context<AppEnv>, deps: ApiDeps) {
  const order = calledBy(c, deps);
  const { reason, override_owner: overridesOwner } = await readBody(c, returnBody);
  return { ...order, reason, overridesOwner };
}

function calledBy(c: Context<AppEnv>, { config }: ApiDeps) {
  const operator = requireOperator(c, config);
  const id = connectionIdSchema.safeParse(c.req.param("id"));
  if (!id.success) throw new CodedError("not_found");
  return { id: id.data, actor: `operator:${operator}`, ssoOrigin: config.ssoOrigin } as const;
}
