import { DatabaseError } from "./database-error.ts";

/** So many may be inside at once. */
export interface Places {
  /**
   * Waits for one of the places, oldest first; `signal` ends the waiting.
   * @throws {DatabaseError} `no_place`, where `signal` was first
   */
  enter(signal: AbortSignal | undefined): Promise<void>;
  /** A place goes straight to whoever waits for one. */
  leave(): void;
}

export function createPlaces(max: number): Places {
  const waiting: (() => void)[] = [];
  let busy = 0;
  return {
    async enter(signal) {
      if (busy < max) {
        busy += 1;
        return;
      }
      await new Promise<void>((resolve, reject) => {
        const proceed = (): void => {
          signal?.removeEventListener("abort", giveUp);
          resolve();
        };
        const giveUp = (): void => {
          waiting.splice(waiting.indexOf(proceed), 1);
          reject(new DatabaseError("no_place", undefined));
        };
        waiting.push(proceed);
        signal?.addEventListener("abort", giveUp, { once: true });
      });
    },
    leave() {
      const next = waiting.shift();
      if (next) next();
      else busy -= 1;
    },
  };
}
