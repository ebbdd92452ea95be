import { factsOfWork, type Work } from "../domain/work.ts";

/** A provision as operators see it, over HTTP and at the commands. Ids, codes and times; no secret. */
export function operatorView(work: Work) {
  const one = factsOfWork(work);
  return {
    id: one.id,
    operation_id: one.operationId,
    organization_id: one.orgId,
    project_id: one.projectId,
    kind: one.kind,
    status: one.status,
    cleanup: one.cleanup,
    generation: one.generation,
    error_code: one.errorCode,
    error_microsoft: one.errorMicrosoft,
    entra_tenant_id: one.entraTenantId,
    connection_id: one.connectionId,
    workflow_id: one.workflowId,
    app_object_id: one.application?.appObjectId ?? null,
    app_id: one.application?.appId ?? null,
    adopted: one.adopted,
    joined_request_id: one.joinedRequestId,
    started_by: one.startedBy,
    created_at: one.createdAt.toISOString(),
    completed_at: one.completedAt?.toISOString() ?? null,
  };
}
