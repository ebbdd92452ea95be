import {
  changeConnection as writeChange,
  type ConnectionChange,
  type ReturnOrder,
} from "../db/connection-status.ts";
import type { ConnectionId } from "../domain/ids.ts";
import type { SsoConnection } from "../domain/sso-connection.ts";
import type { OperationsContext } from "./context.ts";

/**
 * Suspends, resumes or renames a connection, at once. Suspended, it signs nobody in from the next request on, ends what
 * is under way, and is kept up: nothing changes at Microsoft. The same call again changes nothing.
 * @throws {CodedError} not_found, connection_disconnected, switched_off_by_owner, switched_off_by_operator
 */
export async function changeConnection({
  ctx,
  input,
}: {
  ctx: Pick<OperationsContext, "database">;
  input: {
    readonly id: ConnectionId;
    readonly change: ConnectionChange;
    readonly by: Omit<ReturnOrder, "ssoOrigin">;
  };
}): Promise<SsoConnection> {
  return writeChange(ctx.database, input.id, input.change, input.by);
}
