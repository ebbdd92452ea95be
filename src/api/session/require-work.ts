import { findWork } from "../../db/find-work.ts";
import type { Work } from "../../domain/work.ts";
import { findRequest } from "../../db/provision-requests/find-request.ts";
import { CodedError } from "../../domain/coded-error.ts";
import { provisionRequestIdSchema, workIdSchema } from "../../domain/ids.schema.ts";
import type { ProvisionRequest } from "../../domain/provision-request.ts";
import type { ApiDeps } from "../deps.ts";
import type { OrgSession } from "./session.ts";
import { requireOwn } from "./require-own.ts";

/** By the click's id, or by the operation's. @throws {CodedError} not_found */
export async function requireWork(deps: Pick<ApiDeps, "database">, given: string | undefined): Promise<Work> {
  const id = workIdSchema.safeParse(given);
  const work = id.success ? await findWork(deps.database, id.data) : undefined;
  if (!work) throw new CodedError("not_found");
  return work;
}

/** @throws {CodedError} not_found */
export async function requireRequestOf(
  deps: ApiDeps,
  session: OrgSession,
  given: string | undefined,
): Promise<ProvisionRequest> {
  const id = provisionRequestIdSchema.safeParse(given);
  return requireOwn(session, id.success ? await findRequest(deps.database, id.data) : undefined);
}
