import type { ServiceConfig } from "../../config/config.ts";
import type { OperationRuns } from "../../domain/operation-runs.ts";

/** Temporal, as commands use it. */
export interface LateTemporal {
  readonly runs: OperationRuns;
  /** Where a person sees a workflow; undefined where nobody knows. */
  workflowLink(workflowId: string): Promise<string | undefined>;
  close(): Promise<void>;
}

/** Loads its client with the first question, which many commands never ask: that takes longer than all else together. */
export function openLateTemporal(config: ServiceConfig): LateTemporal {
  let opening: Promise<LateTemporal> | undefined;
  const opened = (): Promise<LateTemporal> => (opening ??= open(config));
  const runs = async (): Promise<OperationRuns> => (await opened()).runs;
  return {
    runs: {
      start: async (operation) => (await runs()).start(operation),
      cancel: async (operation) => (await runs()).cancel(operation),
      state: async (operation) => (await runs()).state(operation),
      steps: async (operation) => (await runs()).steps(operation),
      waiting: async (operation) => (await runs()).waiting(operation),
      namespace: async () => (await runs()).namespace(),
    },
    workflowLink: async (workflowId) => (await opened()).workflowLink(workflowId),
    close: async () => (await opening)?.close(),
  };
}

async function open(config: ServiceConfig): Promise<LateTemporal> {
  const [{ openTemporalClient }, { createOperationRuns }, { workflowLinkOf }] = await Promise.all([
    import("../../temporal/client.ts"),
    import("../../temporal/operation-runs.ts"),
    import("../../temporal/workflow-link.ts"),
  ]);
  const client = openTemporalClient(config);
  return {
    runs: createOperationRuns(client),
    workflowLink: async (workflowId) => workflowLinkOf(config, workflowId),
    close: () => client.connection.close(),
  };
}
