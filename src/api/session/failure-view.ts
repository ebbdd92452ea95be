import { listConnections } from "../../db/sso-connections.ts";
import { type ErrorCode, factsOf } from "../../domain/error-codes.ts";
import { failureDetail } from "../../domain/failure-detail.ts";
import { describeMicrosoftCode } from "../../domain/microsoft-codes.ts";
import type { ConnectionId, EntraTenantId } from "../../domain/ids.ts";
import type { BindingMode, ProvisionRequest } from "../../domain/provision-request.ts";
import type { ApiDeps } from "../deps.ts";
import type { FailureView } from "./failure.schema.ts";

/** What a failure is told of: a click, or an operation without one. */
export type FailedWork = Pick<ProvisionRequest, "projectId" | "orgId" | "errorMicrosoft"> & {
  readonly wantedConnectionId: ConnectionId | null;
  readonly binding: BindingMode;
  readonly entraTenantId: EntraTenantId | null;
  readonly completedAt: Date | null;
};

/** Why it failed, in sentences for its organization: what it says beside a connection that is there. */
export async function failureView(deps: ApiDeps, request: FailedWork, code: ErrorCode): Promise<FailureView> {
  const connections = await listConnections(deps.database, request);
  const { title, action, who, docs } = factsOf(code);
  const microsoft = request.errorMicrosoft;
  return {
    code,
    title,
    detail: failureDetail(code, {
      connectedTenants: connections
        .filter(({ status }) => status !== "disconnected")
        .map(({ entraTenantId }) => entraTenantId),
      wantedTenant: connections.find(({ id }) => id === request.wantedConnectionId)?.entraTenantId,
      // With confirm binding, whoever approved need not be the person who reads this.
      provedTenant: request.binding === "cookie" ? (request.entraTenantId ?? undefined) : undefined,
    }),
    action,
    who,
    ...(docs === undefined ? {} : { documentation: docs }),
    ...(microsoft
      ? {
          microsoft: {
            code: microsoft.code,
            ...(microsoft.correlationId === undefined ? {} : { correlation_id: microsoft.correlationId }),
            meaning: describeMicrosoftCode(microsoft.code)?.meaning ?? "",
          },
        }
      : {}),
    ...(request.completedAt === null ? {} : { at: request.completedAt.toISOString() }),
  };
}
