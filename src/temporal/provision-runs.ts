import {
  type Client,
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from "@temporalio/client";
import { defineSearchAttributeKey, SearchAttributeType, TypedSearchAttributes } from "@temporalio/common";
import {
  renewalWorkflowType,
  searchAttributeNames,
  taskQueue,
  workflowIdOf,
  workflowType,
} from "../domain/provision-contract.ts";
import { isErrorCode } from "../domain/error-codes.ts";
import type { ProvisionRequest } from "../domain/provision-request.ts";
import type { NamespaceState, ProvisionRuns } from "../domain/provision-runs.ts";
import { cleanDisplay } from "../domain/text.ts";
import type { provisionMicrosoftConnection } from "../workflows/index.ts";
import { stepsFromHistory } from "./steps-from-history.ts";

const keyword = (name: string) => defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);
const startDeadlineMs = 2000;
const readDeadlineMs = 2000;
const grpc = { invalidArgument: 3, notFound: 5, permissionDenied: 7, unauthenticated: 16 } as const;
const namespaceStates: Readonly<Record<number, NamespaceState>> = {
  [grpc.notFound]: "namespace_missing",
  [grpc.permissionDenied]: "refuses",
  [grpc.unauthenticated]: "refuses",
};
const summaryIdUnitsMax = 80;

/** The port to Temporal. Nothing waits longer than two seconds here; the reconciler covers what did not get through. */
export function createProvisionRuns(client: Client): ProvisionRuns {
  const withDeadline = <T>(ms: number, call: () => Promise<T>): Promise<T> =>
    client.withDeadline(Date.now() + ms, call);

  const start = (request: ProvisionRequest, withAttributes: boolean) =>
    client.workflow.start<typeof provisionMicrosoftConnection>(typeOf(request), {
      taskQueue,
      workflowId: workflowIdOf(request.id),
      args: [{ requestId: request.id, generation: request.generation }],
      // The row's generation fences every write, so a repeated run can do no harm; an open one is never replaced.
      workflowIdReusePolicy: "ALLOW_DUPLICATE",
      workflowIdConflictPolicy: "FAIL",
      // A worker that dies within a workflow task holds it for this long; the work of one takes milliseconds.
      workflowTaskTimeout: "5s",
      staticSummary: summaryOf(request),
      memo: { generation: request.generation },
      ...(withAttributes ? { typedSearchAttributes: attributesOf(request) } : {}),
    });

  return {
    async start(request) {
      try {
        await withDeadline(startDeadlineMs, () =>
          start(request, true).catch((error) =>
            isUnregisteredAttribute(error) ? start(request, false) : Promise.reject(error),
          ),
        );
        return true;
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        const open = await withDeadline(readDeadlineMs, () =>
          client.workflow.getHandle(workflowIdOf(request.id)).describe(),
        );
        return open.memo?.["generation"] === request.generation;
      }
    },
    async cancel(request) {
      try {
        await withDeadline(startDeadlineMs, () =>
          client.workflow.getHandle(workflowIdOf(request.id)).cancel(),
        );
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
    },
    async state(request) {
      try {
        const found = await withDeadline(readDeadlineMs, () =>
          client.workflow.getHandle(workflowIdOf(request.id)).describe(),
        );
        return found.status.name === "RUNNING" ? "running" : "closed";
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return "unknown";
        throw error;
      }
    },
    async steps(request) {
      const handle = client.workflow.getHandle(workflowIdOf(request.id));
      try {
        const [history, description] = await withDeadline(readDeadlineMs, () =>
          Promise.all([handle.fetchHistory(), handle.describe()]),
        );
        return stepsFromHistory(request.kind, history, description.raw.pendingActivities ?? []);
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return [];
        throw error;
      }
    },
    async waiting(request) {
      const { raw } = await withDeadline(readDeadlineMs, () =>
        client.workflow.getHandle(workflowIdOf(request.id)).describe(),
      );
      for (const { activityType, attempt, lastFailure } of raw.pendingActivities ?? []) {
        const code = lastFailure?.applicationFailureInfo?.type;
        if (isErrorCode(code)) return { activity: activityType?.name ?? "", attempt: attempt ?? 1, code };
      }
      return undefined;
    },
    async namespace() {
      try {
        const { namespace } = client.options;
        await withDeadline(readDeadlineMs, () => client.workflowService.describeNamespace({ namespace }));
        return "ready";
      } catch (error) {
        return namespaceStates[grpcCodeOf(error) ?? -1] ?? "away";
      }
    },
  };
}

const typeOf = (request: ProvisionRequest): string =>
  request.kind === "renewal" ? renewalWorkflowType : workflowType;

/**
 * One line for Temporal's list, which reads it as Markdown and takes at most 400 bytes: an id of any characters is
 * cut, and whatever could become a link, a picture or markup is left out. The whole id is a search attribute.
 */
export function summaryOf(request: Pick<ProvisionRequest, "kind" | "orgId" | "generation">): string {
  const verb = request.kind === "renewal" ? "Renew the secret" : "Connect Microsoft";
  const org = cleanDisplay(request.orgId.replace(/[[\]()<>!`*~\\#&]/g, ""), summaryIdUnitsMax);
  const retry = request.generation > 1 ? ` (retry ${request.generation - 1})` : "";
  return `${verb} for ${org}${retry}`;
}

function attributesOf(request: ProvisionRequest): TypedSearchAttributes {
  return new TypedSearchAttributes([
    { key: keyword(searchAttributeNames.organization), value: request.orgId },
    { key: keyword(searchAttributeNames.connection), value: request.connectionId ?? "none" },
    { key: keyword(searchAttributeNames.tenant), value: request.entraTenantId ?? "none" },
    { key: keyword(searchAttributeNames.outcome), value: "running" },
    { key: keyword(searchAttributeNames.errorCode), value: "none" },
  ]);
}

/** A namespace without our search attributes must still run our workflows. */
function isUnregisteredAttribute(error: unknown): boolean {
  return error instanceof ServiceError && grpcCodeOf(error.cause) === grpc.invalidArgument;
}

function grpcCodeOf(error: unknown): number | undefined {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === "number" ? code : undefined;
}
