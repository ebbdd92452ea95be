import { beginAccessChange } from "../db/change-access.ts";
import type { ConnectionChange, ConnectionOrder } from "../db/connection-status.ts";
import type { AccessChoice, ConnectionOperation } from "../domain/connection-operation.ts";
import type { ConnectionId } from "../domain/ids.ts";
import type { Logger } from "../domain/logger.ts";
import type { SsoConnection } from "../domain/sso-connection.ts";
import type { OperationsContext } from "./context.ts";
import { startRun } from "./drive.ts";

/**
 * Begins to change who may sign in: at Microsoft by a durable run, then in the connection. What else is named in `change`
 * is so at once. A second call with the same choice while it is in hand changes nothing.
 * @throws {CodedError} not_found, connection_disconnected, operation_in_progress
 */
export async function changeAccess({
  ctx,
  input,
}: {
  ctx: OperationsContext & { readonly log: Logger };
  input: ConnectionOrder & {
    readonly id: ConnectionId;
    readonly access: AccessChoice;
    readonly change: ConnectionChange;
  };
}): Promise<{ readonly connection: SsoConnection; readonly operation: ConnectionOperation }> {
  const { connection, operation } = await beginAccessChange(ctx.database, input.id, input, input);
  return { connection, operation: await startRun(ctx, operation) };
}
