export interface SeededRandom {
  /** 0 to 1. */
  next(): number;
  /** A whole number from 1 to `max`. */
  upTo(max: number): number;
  pick<T>(from: readonly T[]): T;
}

/** The same seed gives the same numbers (mulberry32). */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    upTo: (max) => 1 + Math.floor(next() * max),
    pick: (from) => from[Math.floor(next() * from.length)] as (typeof from)[number],
  };
}
