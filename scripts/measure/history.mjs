import { finishClick, newClicker, proveClick } from "./click.mjs";
import { printTable } from "./table.mjs";

/**
 * What Temporal Cloud bills as an action, as far as this product does it.
 * @see https://docs.temporal.io/cloud/actions (read November 2026)
 */
const billedEvents = [
  "workflowExecutionStartedEventAttributes",
  "timerStartedEventAttributes",
  "upsertWorkflowSearchAttributesEventAttributes",
  "workflowExecutionSignaledEventAttributes",
  "workflowExecutionUpdateAcceptedEventAttributes",
];

/** Events and billed actions of one click's workflow. */
export async function measureHistory(stack, client) {
  const clicker = await newClicker(stack);
  const { leg2 } = await proveClick(stack, clicker);
  await finishClick(clicker, leg2);
  const [{ workflow_id: workflowId }] = await stack.sql`
    select workflow_id from connection_operations where org_id = ${clicker.orgId}`;
  const handle = client.workflow.getHandle(workflowId);
  await handle.result();
  const { events } = await handle.fetchHistory();
  const attempts = events.reduce(
    (sum, event) => sum + (event.activityTaskStartedEventAttributes?.attempt ?? 0),
    0,
  );
  const others = events.filter((event) => billedEvents.some((name) => event[name])).length;
  printTable("One click's history", [
    ["events", "billed actions", "activities", "workflow tasks"],
    [
      events.length,
      attempts + others,
      events.filter((event) => event.activityTaskScheduledEventAttributes).length,
      events.filter((event) => event.workflowTaskCompletedEventAttributes).length,
    ],
  ]);
}
