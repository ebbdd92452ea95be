/** What time it is on this machine. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

/** The time that a text tells, such as the `Date` header (RFC 9110 section 5.6.7); undefined for what is none. */
export function readTime(text: string | null): Date | undefined {
  const timeMs = Date.parse(text ?? "");
  return Number.isNaN(timeMs) ? undefined : new Date(timeMs);
}
