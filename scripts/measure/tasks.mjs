import { finishClick, newClicker, proveClick } from "./click.mjs";
import { spread } from "./statistics.mjs";
import { printTable } from "./table.mjs";

/** The first clicks of a process compile what they run. */
const warming = 20;

/** Where the time of a run goes by Temporal's own clock: tasks that wait, workflow tasks, and each step. One click at a time. */
export async function measureTasks(stack, client, rounds) {
  const taken = new Map();
  const note = (name, ms) => taken.set(name, [...(taken.get(name) ?? []), ms]);
  for (let round = -warming; round < rounds; round += 1) {
    const clicker = await newClicker(stack);
    const { leg2 } = await proveClick(stack, clicker);
    await finishClick(clicker, leg2);
    if (round >= 0) for (const [name, ms] of gapsOf(await historyOf(stack, client, clicker))) note(name, ms);
  }
  printTable("Where a run's time goes, one click at a time", [
    ["between", "times a click", "p50 / p95 in ms"],
    ...[...taken].map(([name, times]) => [name, (times.length / rounds).toFixed(1), spread(times)]),
  ]);
}

async function historyOf({ sql }, client, { orgId }) {
  const [{ workflow_id: workflowId }] = await sql`
    select workflow_id from connection_operations where org_id = ${orgId}`;
  const handle = client.workflow.getHandle(workflowId);
  await handle.result();
  return (await handle.fetchHistory()).events;
}

/** Each stretch of a history with its name. */
function* gapsOf(events) {
  const eventOf = new Map(events.map((event) => [String(event.eventId), event]));
  const since = (event, id) => timeOf(event) - timeOf(eventOf.get(String(id)));
  for (const event of events) {
    const { workflowTaskStartedEventAttributes: begun, workflowTaskCompletedEventAttributes: done } = event;
    if (begun) yield ["a workflow task is due, a worker has it", since(event, begun.scheduledEventId)];
    if (done)
      yield ["a worker has a workflow task, its answer is written", since(event, done.startedEventId)];
    const { activityTaskStartedEventAttributes: start, activityTaskCompletedEventAttributes: end } = event;
    if (start) yield ["a step is due, a worker has it", since(event, start.scheduledEventId)];
    if (!end) continue;
    const { activityTaskScheduledEventAttributes: scheduled } = eventOf.get(String(end.scheduledEventId));
    yield [scheduled.activityType.name, since(event, end.startedEventId)];
  }
}

const timeOf = ({ eventTime }) => Number(eventTime.seconds) * 1000 + eventTime.nanos / 1e6;
