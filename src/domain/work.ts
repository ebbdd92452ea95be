import type { ConnectionOperation } from "./connection-operation.ts";
import type { OperationId, ProvisionRequestId } from "./ids.ts";
import type { ProvisionRequest } from "./provision-request.ts";

/** What operators look after: a click and what it led to, or an operation that no click led to. */
export type Work =
  | { readonly request: ProvisionRequest; readonly operation: ConnectionOperation | undefined }
  | { readonly request: undefined; readonly operation: ConnectionOperation };

/** The click's id where there is one. */
export type WorkId = ProvisionRequestId | OperationId;

export function isOperationId(id: WorkId): id is OperationId {
  return id.startsWith("op_");
}

/** Both in one shape, for lists and pages of operators. */
export type WorkFacts = ReturnType<typeof factsOfWork>;

export function factsOfWork({ request, operation }: Work) {
  const one = request ?? operation;
  return {
    id: one.id,
    operationId: operation?.id ?? null,
    kind: operation?.kind ?? request?.intent ?? ("connect" as const),
    status: one.status,
    cleanup: one.cleanup,
    generation: operation?.generation ?? 1,
    projectId: one.projectId,
    orgId: one.orgId,
    orgName: one.orgName,
    startedBy: request?.startedBy ?? operation?.requestedBy ?? "system",
    tenantHint: request?.tenantHint ?? null,
    entraTenantId: one.entraTenantId,
    connectionId: one.connectionId,
    application: operation?.application ?? null,
    adopted: operation?.adopted ?? false,
    workflowId: operation?.workflowId ?? null,
    joinedRequestId: request?.joinedRequestId ?? null,
    errorCode: one.errorCode,
    errorMicrosoft: one.errorMicrosoft,
    createdAt: one.createdAt,
    provedAt: request?.provedAt ?? null,
    completedAt: one.completedAt,
  };
}
