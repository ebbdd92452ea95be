import type { ErrorCode } from "./error-codes.ts";

/**
 * One number of Entra's sign-in service: what it means in a sentence, and which of our codes it is in each place it
 * can turn up: at the approval and its proof, in a run, or when a user signs in.
 */
export interface AadstsCode extends Places {
  readonly meaning: string;
  /**
   * What helps. `passes`: the same again, a moment later. `spreads`: the same again while a new consent or application
   * is not known everywhere. `needs_person`: a page of Microsoft's. `new_code`: another authorization code.
   */
  readonly helps?: "passes" | "spreads" | "needs_person" | "new_code";
  /** Says only "refused", often beside a number that says why. */
  readonly isGeneric?: true;
}

interface Places {
  readonly consent?: ErrorCode;
  readonly run?: ErrorCode;
  readonly signIn?: ErrorCode;
}

/** Numbers that are the same to this flow, each with its meaning. */
export type AadstsGroup = Omit<AadstsCode, "meaning"> & {
  readonly numbers: Readonly<Record<number, string>>;
};
