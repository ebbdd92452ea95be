import { findConnection } from "../../db/sso-connections.ts";
import { connectionIdSchema } from "../../domain/ids.schema.ts";
import type { SsoConnection } from "../../domain/sso-connection.ts";
import type { ApiDeps } from "../deps.ts";
import type { OrgSession } from "./session.ts";
import { requireOwn } from "./require-own.ts";

/** @throws {CodedError} not_found */
export async function requireConnectionOf(
  deps: Pick<ApiDeps, "database">,
  session: OrgSession,
  given: string | undefined,
): Promise<SsoConnection> {
  const id = connectionIdSchema.safeParse(given);
  return requireOwn(session, id.success ? await findConnection(deps.database, id.data) : undefined);
}
