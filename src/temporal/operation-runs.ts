import { type ConnectionOperation, workflowIdOf } from "../domain/connection-operation.ts";
import { isErrorCode } from "../domain/error-codes.ts";
import { factsOfKind } from "../domain/operation-kinds.ts";
import { searchAttributeNames, taskQueue } from "../domain/provision-contract.ts";
import type { NamespaceState, OperationRuns } from "../domain/operation-runs.ts";
import { noTracing, type Tracing } from "../domain/tracing.ts";
import { cleanDisplay } from "../domain/text.ts";
import type { provisionMicrosoftConnection } from "../workflows/index.ts";
import {
  type Client,
  defineSearchAttributeKey,
  SearchAttributeType,
  ServiceError,
  TypedSearchAttributes,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from "./sdk.ts";
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
export function createOperationRuns(client: Client, tracing: Tracing = noTracing): OperationRuns {
  const withDeadline = <T>(ms: number, call: () => Promise<T>): Promise<T> =>
    client.withDeadline(Date.now() + ms, call);

  const start = (operation: ConnectionOperation, withAttributes: boolean) =>
    client.workflow.start<typeof provisionMicrosoftConnection>(factsOfKind(operation.kind).workflowType, {
      taskQueue,
      workflowId: workflowIdOf(operation),
      args: [{ operationId: operation.id, generation: operation.generation }],
      // The row's generation fences every write, so a repeated run can do no harm; an open one is never replaced.
      workflowIdReusePolicy: "ALLOW_DUPLICATE",
      workflowIdConflictPolicy: "FAIL",
      // A worker that dies within a workflow task holds it for this long; the work of one takes milliseconds.
      workflowTaskTimeout: "5s",
      staticSummary: summaryOf(operation),
      memo: { generation: operation.generation },
      ...(withAttributes ? { typedSearchAttributes: attributesOf(operation) } : {}),
    });

  return {
    async start(operation) {
      try {
        await tracing.within(operation.traceParent, () =>
          withDeadline(startDeadlineMs, () =>
            start(operation, true).catch((error) =>
              isUnregisteredAttribute(error) ? start(operation, false) : Promise.reject(error),
            ),
          ),
        );
        return true;
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        const open = await withDeadline(readDeadlineMs, () =>
          client.workflow.getHandle(workflowIdOf(operation)).describe(),
        );
        return open.memo?.["generation"] === operation.generation;
      }
    },
    async cancel(operation) {
      try {
        await withDeadline(startDeadlineMs, () =>
          client.workflow.getHandle(workflowIdOf(operation)).cancel(),
        );
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
    },
    async state(operation) {
      try {
        const found = await withDeadline(readDeadlineMs, () =>
          client.workflow.getHandle(workflowIdOf(operation)).describe(),
        );
        return found.status.name === "RUNNING" ? "running" : "closed";
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return "unknown";
        throw error;
      }
    },
    async steps(operation) {
      const handle = client.workflow.getHandle(workflowIdOf(operation));
      try {
        const [history, description] = await withDeadline(readDeadlineMs, () =>
          Promise.all([handle.fetchHistory(), handle.describe()]),
        );
        return stepsFromHistory(operation.kind, history, description.raw.pendingActivities ?? []);
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return [];
        throw error;
      }
    },
    async waiting(operation) {
      const { raw } = await withDeadline(readDeadlineMs, () =>
        client.workflow.getHandle(workflowIdOf(operation)).describe(),
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

/**
 * One line for Temporal's list, which reads it as Markdown and takes at most 400 bytes: an id of any characters is
 * cut, and whatever could become a link, a picture or markup is left out. The whole id is a search attribute.
 */
export function summaryOf(operation: Pick<ConnectionOperation, "kind" | "orgId" | "generation">): string {
  const org = cleanDisplay(operation.orgId.replace(/[[\]()<>!`*~\\#&]/g, ""), summaryIdUnitsMax);
  const retry = operation.generation > 1 ? ` (retry ${operation.generation - 1})` : "";
  return `${factsOfKind(operation.kind).verb} for ${org}${retry}`;
}

function attributesOf(operation: ConnectionOperation): TypedSearchAttributes {
  return new TypedSearchAttributes([
    { key: keyword(searchAttributeNames.organization), value: operation.orgId },
    { key: keyword(searchAttributeNames.connection), value: operation.connectionId },
    { key: keyword(searchAttributeNames.tenant), value: operation.entraTenantId },
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
