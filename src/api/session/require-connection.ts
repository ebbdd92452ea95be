import { findConnection } from "../../db/sso-connections.ts";
import { CodedError } from "../../domain/coded-error.ts";
import { connectionIdSchema } from "../../domain/ids.schema.ts";
import type { SsoConnection } from "../../domain/sso-connection.ts";
import type { ApiDeps } from "../deps.ts";
import type { OrgSession } from "./session.ts";

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
