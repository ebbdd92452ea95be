const dayOrTime = /^(\d{4}-\d{2}-\d{2})(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?$/;
/** What four digits of a year can say and PostgreSQL knows: it has no year 0. */
const [first, last] = ["0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"].map((text) =>
  Date.parse(text),
) as [number, number];

/**
 * A time that somebody gives: ISO 8601 with its offset, or a day, which is UTC's. Undefined for everything else, so that
 * no clock's zone decides what is meant, and for what an offset puts out of the database's reach.
 */
export function readGivenTime(text: string): Date | undefined {
  const day = dayOrTime.exec(text)?.[1];
  const [time, midnight] = [new Date(text), new Date(day ?? "")];
  const isReal = !Number.isNaN(time.getTime()) && !Number.isNaN(midnight.getTime());
  // JavaScript takes the 30th of February for the 2nd of March.
  if (day === undefined || !isReal || midnight.toISOString().slice(0, 10) !== day) return undefined;
  return time.getTime() >= first && time.getTime() <= last ? time : undefined;
}
