/** Joins reads of one key. */
export interface SharedReads<T> {
  /** Those that come while one is under way, or within the time that it is kept after it, get its answer. */
  read(key: string, read: () => Promise<T>): Promise<T>;
  /** The next who asks for it reads anew. */
  forget(key: string): void;
}

/** @param keptMs how long an answer serves others; a failure serves nobody */
export function shareReads<T>(keptMs: number): SharedReads<T> {
  const held = new Map<string, Promise<T>>();
  return {
    read(key, read) {
      const known = held.get(key);
      if (known) return known;
      const reading = read();
      const end = (): void => {
        if (held.get(key) === reading) held.delete(key);
      };
      held.set(key, reading);
      void reading.then(() => setTimeout(end, keptMs).unref(), end);
      return reading;
    },
    forget: (key) => void held.delete(key),
  };
}
