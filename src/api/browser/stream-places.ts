/** Places for event streams in this process, a few for each request and browser. */
export interface StreamPlaces {
  /** Gives the place back; undefined where all are taken. Giving it back twice gives it back once. */
  take(key: string): (() => void) | undefined;
  readonly taken: number;
}

export function createStreamPlaces(max: { perKey: number; inAll: number }): StreamPlaces {
  const takenBy = new Map<string, number>();
  let taken = 0;
  return {
    take(key) {
      const own = takenBy.get(key) ?? 0;
      if (own >= max.perKey || taken >= max.inAll) return undefined;
      takenBy.set(key, own + 1);
      taken += 1;
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        taken -= 1;
        const left = (takenBy.get(key) ?? 1) - 1;
        if (left === 0) takenBy.delete(key);
        else takenBy.set(key, left);
      };
    },
    get taken() {
      return taken;
    },
  };
}
