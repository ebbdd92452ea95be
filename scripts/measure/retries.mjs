/**
 * What Temporal had to hand out again, although nothing failed: attempts of steps, and workflow tasks, of the runs that
 * began since then. A worker too busy for its heartbeats shows here.
 */
export async function countRetries({ sql }, client, since) {
  const rows = await sql`select workflow_id from connection_operations
    where created_at >= ${since} and workflow_id is not null`;
  let [attempts, tasks] = [0, 0];
  for (const { workflow_id: workflowId } of rows) {
    const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
    for (const event of events) {
      attempts += (event.activityTaskStartedEventAttributes?.attempt ?? 1) - 1;
      tasks += event.workflowTaskTimedOutEventAttributes ? 1 : 0;
    }
  }
  return `${attempts} + ${tasks}`;
}
