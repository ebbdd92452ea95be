import { listHealth } from "../db/connection-health.ts";
import { listSignInFailures } from "../db/sign-in-failures.ts";
import { countSignIns } from "../db/sign-ins.ts";
import { findConnection } from "../db/sso-connections.ts";
import { CodedError } from "../domain/coded-error.ts";
import type { ConnectionHealth } from "../domain/connection-health.ts";
import type { ConnectionId } from "../domain/ids.ts";
import type { FailureCount } from "../domain/sign-in-failures.ts";
import type { SsoConnection } from "../domain/sso-connection.ts";
import type { OperationsContext } from "./context.ts";

/** How a connection does. */
export interface ShownConnection {
  readonly connection: SsoConnection;
  /** Undefined before the first look. */
  readonly health: ConnectionHealth | undefined;
  /** Of the last 30 days, newest first. */
  readonly failures: readonly FailureCount[];
  /** Of the last 30 days. */
  readonly signIns: number;
}

const days = 30;

/** A connection with what daily looks and sign-ins say of it. @throws {CodedError} not_found */
export async function showConnection({
  ctx: { database },
  input: { id },
}: {
  ctx: Pick<OperationsContext, "database">;
  input: { readonly id: ConnectionId };
}): Promise<ShownConnection> {
  const connection = await findConnection(database, id);
  if (!connection) throw new CodedError("not_found", id);
  const [health, failures, signIns] = await Promise.all([
    listHealth(database, [id]),
    listSignInFailures(database, [id], days),
    countSignIns(database, [id], days),
  ]);
  return {
    connection,
    health: health.get(id),
    failures: failures.get(id) ?? [],
    signIns: signIns.get(id) ?? 0,
  };
}
