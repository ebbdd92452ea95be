import { CodedError } from "../../domain/coded-error.ts";
import type { OrgSession } from "./session.ts";

/**
 * What is of the session's organization, in its project: another organization's, another project's and none at all look
 * the same. @throws {CodedError} not_found
 */
export function requireOwn<T extends Pick<OrgSession, "orgId" | "projectId">>(
  session: OrgSession,
  found: T | undefined,
): T {
  if (found?.orgId !== session.orgId || found.projectId !== session.projectId)
    throw new CodedError("not_found");
  return found;
}
