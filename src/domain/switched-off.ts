import { type Actor, userIdOf } from "./actor.ts";
import { CodedError } from "./coded-error.ts";

/** Who may switch a connection off. */
export const sides = ["owner", "operator"] as const;
export type Side = (typeof sides)[number];

export function sideOf(actor: Actor): Side {
  return userIdOf(actor) === undefined ? "operator" : "owner";
}

/** Those who want it switched off, with one more; whoever did before still does. */
export function addSides(before: readonly Side[], more: readonly Side[]): Side[] {
  return sides.filter((side) => before.includes(side) || more.includes(side));
}

/** Who wants to bring a connection back. */
interface WhoReturns {
  readonly actor: Actor;
  /** An operator says that it is to be brought back although an owner switched it off. */
  readonly overridesOwner?: boolean | undefined;
}

/**
 * What one side switched off, the other does not switch on again: an operator only where he says so, an owner never.
 * @returns what the trail keeps of it
 * @throws {CodedError} switched_off_by_owner, switched_off_by_operator
 */
export function respectOthers(
  switchedOffBy: readonly Side[],
  { actor, overridesOwner = false }: WhoReturns,
): { readonly overrides_owner?: true } {
  if (sideOf(actor) === "owner") {
    if (switchedOffBy.includes("operator")) throw new CodedError("switched_off_by_operator");
    return {};
  }
  if (!switchedOffBy.includes("owner")) return {};
  if (!overridesOwner) throw new CodedError("switched_off_by_owner");
  return { overrides_owner: true };
}
