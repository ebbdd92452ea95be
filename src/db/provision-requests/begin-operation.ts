import type { PgUpdateSetSource } from "drizzle-orm/pg-core";
import type { ConnectionOperation } from "../../domain/connection-operation.ts";
import type { ErrorCode } from "../../domain/error-codes.ts";
import type { EntraTenantId } from "../../domain/ids.ts";
import type { ProvisionRequest } from "../../domain/provision-request.ts";
import { beginConnect } from "../connection-operations/begin-connect.ts";
import type { Queries } from "../queries.ts";
import { beginRelease } from "../release.ts";
import { judgeReleased } from "../release-rule.ts";
import type { provisionRequests } from "../schema.ts";
import { judgeDirectory } from "./directory-rule.ts";

/** Whether a click may lead to the directory that it proved, by what it is for; undefined when it may. */
export async function judgeProved(
  q: Queries,
  click: ProvisionRequest,
  entraTenantId: EntraTenantId,
): Promise<ErrorCode | undefined> {
  return click.intent === "release"
    ? judgeReleased(q, click, entraTenantId)
    : judgeDirectory(q, click, entraTenantId);
}

/** Gives a proved click the operation that it is for. */
export async function beginOperation(
  q: Queries,
  click: ProvisionRequest,
  proof: Pick<ConnectionOperation, "entraTenantId" | "provedDomain">,
  changes: PgUpdateSetSource<typeof provisionRequests>,
): Promise<ProvisionRequest> {
  return click.intent === "release"
    ? beginRelease(q, click, proof, changes)
    : beginConnect(q, click, proof, changes);
}
