import { adviceFor } from "../db/database-advice.ts";
import { DatabaseError } from "../db/database-error.ts";

/** What a person at a terminal reads of an error: what failed, and what to do where that is known. */
export function wordsOfError(error: unknown): string {
  const { name, message } = error as Error;
  // Of the Temporal SDK's core, in its own words else.
  if (name === "TransportError")
    return "Temporal does not answer; check TEMPORAL_ADDRESS and that the server runs";
  const advice = error instanceof DatabaseError ? adviceFor(error.code) : undefined;
  return advice === undefined ? message : `${message}; ${advice}`;
}
