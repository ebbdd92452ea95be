import type { Client } from "@temporalio/client";
import { taskQueue } from "../domain/provision-contract.ts";
import type { Poller, TemporalLook } from "../domain/temporal-look.ts";

const deadlineMs = 3000;
/** gRPC's for what a key may not do, or a server does not offer (Temporal Cloud lists no attributes). */
const refusals: readonly unknown[] = [7, 12, 16];
/** `temporal.api.enums.v1.TaskQueueType`, whose values stand in a package of which only the types are installed. */
const queueTypes = { workflow: 1, activity: 2 } as const;

/** Asks Temporal's own services; changes nothing. */
export function createTemporalLook(client: Client): TemporalLook {
  const { namespace } = client.options;
  const withDeadline = <T>(call: () => Promise<T>): Promise<T> =>
    client.withDeadline(Date.now() + deadlineMs, call);

  async function pollersOf(kind: Poller["kind"]): Promise<Poller[]> {
    const asked: object = { namespace, taskQueue: { name: taskQueue }, taskQueueType: queueTypes[kind] };
    const { pollers } = await withDeadline(() => client.workflowService.describeTaskQueue(asked));
    return (pollers ?? []).map(({ lastAccessTime }) => ({
      kind,
      lastSeenAt: new Date(Number(lastAccessTime?.seconds ?? 0) * 1000),
    }));
  }

  return {
    async searchAttributes() {
      try {
        const { customAttributes } = await withDeadline(() =>
          client.connection.operatorService.listSearchAttributes({ namespace }),
        );
        return Object.keys(customAttributes ?? {});
      } catch (error) {
        if (refusals.includes((error as { code?: unknown }).code)) return undefined;
        throw error;
      }
    },
    async pollers() {
      return (await Promise.all([pollersOf("workflow"), pollersOf("activity")])).flat();
    },
  };
}
