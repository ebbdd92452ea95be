/** Whose stream it is. */
export interface Viewer {
  readonly request: string;
  readonly browser: string;
}

/** Places for event streams in this process, a few for each request in a browser, and for each browser. */
export interface StreamPlaces {
  /** Gives the place back; undefined where all are taken. Giving it back twice gives it back once. */
  take(viewer: Viewer): (() => void) | undefined;
  readonly taken: number;
}

export function createStreamPlaces(max: {
  perRequest: number;
  perBrowser: number;
  inAll: number;
}): StreamPlaces {
  const takenBy = new Map<string, number>();
  let taken = 0;
  const change = (key: string, by: 1 | -1): void => {
    const now = (takenBy.get(key) ?? 0) + by;
    if (now === 0) takenBy.delete(key);
    else takenBy.set(key, now);
  };
  return {
    take({ request, browser }) {
      const [view, all] = [`${request} ${browser}`, browser];
      const isFull =
        taken >= max.inAll ||
        (takenBy.get(view) ?? 0) >= max.perRequest ||
        (takenBy.get(all) ?? 0) >= max.perBrowser;
      if (isFull) return undefined;
      for (const key of [view, all]) change(key, 1);
      taken += 1;
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        for (const key of [view, all]) change(key, -1);
        taken -= 1;
      };
    },
    get taken() {
      return taken;
    },
  };
}
