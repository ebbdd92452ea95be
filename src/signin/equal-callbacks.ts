/** One answer for equal callbacks that are here together. Of one process. */
export interface EqualCallbacks<T> {
  /** One more is here. What it gives is called once that one was answered. */
  arrive(key: string): () => void;
  /**
   * What the `work` of the first one gives, for every one that was here before the last of them was answered. With what
   * `passes`, the next one tries anew.
   */
  share(key: string, work: () => Promise<T>, passes: (error: unknown) => boolean): Promise<T>;
}

export function createEqualCallbacks<T>(): EqualCallbacks<T> {
  const here = new Map<string, { count: number; answer?: Promise<T> | undefined }>();

  function enter(key: string) {
    const callbacks = here.get(key) ?? { count: 0 };
    callbacks.count += 1;
    here.set(key, callbacks);
    const leave = (): void => {
      callbacks.count -= 1;
      if (callbacks.count === 0) here.delete(key);
    };
    return { callbacks, leave };
  }

  return {
    arrive: (key) => enter(key).leave,
    async share(key, work, passes) {
      const { callbacks, leave } = enter(key);
      callbacks.answer ??= work();
      const { answer } = callbacks;
      try {
        return await answer;
      } catch (error) {
        if (passes(error) && callbacks.answer === answer) callbacks.answer = undefined;
        throw error;
      } finally {
        leave();
      }
    },
  };
}
