import type { ReturnOrder } from "../db/connection-status.ts";
import { beginRestore } from "../db/restore.ts";
import type { ConnectionOperation } from "../domain/connection-operation.ts";
import type { ConnectionId } from "../domain/ids.ts";
import type { Logger } from "../domain/logger.ts";
import type { SsoConnection } from "../domain/sso-connection.ts";
import type { OperationsContext } from "./context.ts";
import { startRun } from "./drive.ts";

/**
 * Begins to bring a disconnected connection back, within 30 days: the same application and ids, a new secret. A second
 * call while it is in hand changes nothing.
 * @throws {CodedError} not_found, not_disconnected, restore_window_over, newer_connection_exists, operation_in_progress,
 *   switched_off_by_owner, switched_off_by_operator, access_released
 */
export async function restore({
  ctx,
  input,
}: {
  ctx: OperationsContext & { readonly log: Logger };
  input: ReturnOrder & { readonly id: ConnectionId };
}): Promise<{ readonly connection: SsoConnection; readonly operation: ConnectionOperation }> {
  const { connection, operation } = await beginRestore(ctx.database, input.id, input);
  return { connection, operation: await startRun(ctx, operation) };
}
