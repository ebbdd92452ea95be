import { maintenanceScheduleId, maintenanceWorkflowType } from "../domain/maintenance-activities.ts";
import { taskQueue } from "../domain/provision-contract.ts";
import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from "./sdk.ts";

/** A Temporal that takes calls may answer none. */
const deadlineMs = 5000;

/** Makes sure that the namespace has the one maintenance schedule: hourly, never two passes at once. Repeat: no change. */
export async function ensureMaintenanceSchedule(client: Client): Promise<void> {
  try {
    await client.withDeadline(Date.now() + deadlineMs, () =>
      client.schedule.create({
        scheduleId: maintenanceScheduleId,
        spec: { intervals: [{ every: "1h" }], jitter: "5m" },
        policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: "1h" },
        action: {
          type: "startWorkflow",
          workflowType: maintenanceWorkflowType,
          workflowId: maintenanceScheduleId,
          taskQueue,
          args: [],
        },
      }),
    );
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}
