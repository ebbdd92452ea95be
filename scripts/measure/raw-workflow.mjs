import { proxyActivities } from "@temporalio/workflow";

const { step } = proxyActivities({ startToCloseTimeout: "30s" });

/** Five activities one after the other and nothing else: what Temporal alone costs here. */
export async function rawWorkflow(pauseMs) {
  for (let number = 0; number < 5; number += 1) await step(pauseMs);
}
