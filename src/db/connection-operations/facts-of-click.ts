import type { ProvisionRequest } from "../../domain/provision-request.ts";

/** What the operation that a click leads to takes from it. */
export function factsOfClick({
  id: requestId,
  ssoOrigin,
  projectId,
  orgId,
  orgName,
  startedBy,
  traceParent,
}: ProvisionRequest) {
  const requestedBy = `user:${startedBy}`;
  return {
    requestId,
    ssoOrigin,
    projectId,
    orgId,
    orgName,
    requestedBy,
    traceParent,
    status: "waiting",
  } as const;
}
