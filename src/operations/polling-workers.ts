import type { Clock } from "../domain/clock.ts";
import type { TemporalLook } from "../domain/temporal-look.ts";

/** A worker asks for work anew within a minute. */
const seenWithinMs = 2 * 60_000;

/** How many asked for each kind of work within the last two minutes. Throws when Temporal is away. */
export async function pollingWorkers(
  look: TemporalLook,
  clock: Clock,
): Promise<{ workflow: number; activity: number }> {
  const pollers = await look.pollers();
  const sinceMs = clock.now().getTime() - seenWithinMs;
  const seen = pollers.filter(({ lastSeenAt }) => lastSeenAt.getTime() >= sinceMs);
  const of = (kind: "workflow" | "activity"): number => seen.filter((one) => one.kind === kind).length;
  return { workflow: of("workflow"), activity: of("activity") };
}
