/** Who did something, as audit, logs and Temporal name them; `browser` is an unauthenticated callback. */
export type Actor = `user:${string}` | `operator:${string}` | "system" | "browser";

/** The person's id on the platform; undefined for everybody else. */
export function userIdOf(actor: Actor): string | undefined {
  return actor.startsWith("user:") ? actor.slice("user:".length) : undefined;
}
