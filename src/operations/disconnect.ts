import type { ConnectionOrder } from "../db/connection-status.ts";
import { beginDisconnect } from "../db/disconnect.ts";
import type { ConnectionOperation } from "../domain/connection-operation.ts";
import type { ConnectionId } from "../domain/ids.ts";
import type { Logger } from "../domain/logger.ts";
import type { SsoConnection } from "../domain/sso-connection.ts";
import type { OperationsContext } from "./context.ts";
import { startRun } from "./drive.ts";

/**
 * Disconnects a connection. From the next request on it signs nobody in; application and credentials are removed at
 * Microsoft by a durable run, which the reconciler starts where Temporal is away. A second call changes nothing.
 * @throws {CodedError} not_found
 */
export async function disconnect({
  ctx,
  input,
}: {
  ctx: OperationsContext & { readonly log: Logger };
  input: ConnectionOrder & { readonly id: ConnectionId };
}): Promise<{ readonly connection: SsoConnection; readonly operation: ConnectionOperation }> {
  const { connection, operation, stopped } = await beginDisconnect(ctx.database, input.id, input);
  // Its fence is closed; the reconciler passes the order on where Temporal does not take it.
  if (stopped?.workflowId) await ctx.runs.cancel(stopped).catch(() => undefined);
  return { connection, operation: await startRun(ctx, operation) };
}
