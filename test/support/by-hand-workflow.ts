import {
  ActivityFailure,
  ApplicationFailure,
  condition,
  defineSignal,
  defineUpdate,
  proxyActivities,
  setHandler,
} from "@temporalio/workflow";

/** What an activity answered: its result, or the code it was refused with. */
export type Answer = { readonly result: Record<string, string> } | { readonly refused: string | undefined };

export const callUpdate = defineUpdate<Answer, [name: string, input: unknown]>("call");
export const endSignal = defineSignal("end");

/** Somebody's own workflow: has the product's worker run any activity with any input, and tells what it answered. */
export async function byHand(): Promise<void> {
  let ended = false;
  const activities = proxyActivities<Record<string, (input: unknown) => Promise<Record<string, string>>>>({
    taskQueue: "ms-provision",
    startToCloseTimeout: "20s",
    retry: { maximumAttempts: 1 },
  });
  setHandler(endSignal, () => void (ended = true));
  setHandler(callUpdate, async (name, input) => {
    try {
      return { result: (await activities[name]?.(input)) ?? {} };
    } catch (error) {
      const cause = error instanceof ActivityFailure ? error.cause : undefined;
      return { refused: cause instanceof ApplicationFailure ? (cause.type ?? undefined) : undefined };
    }
  });
  await condition(() => ended);
}
