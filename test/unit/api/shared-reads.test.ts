import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { shareReads } from "../../../src/api/request-watcher.ts";
import { createStreamPlaces } from "../../../src/api/browser/stream-places.ts";

describe("shared reads", () => {
  it("a thousand who ask at once, and those who ask soon after, cost one read of each key", async () => {
    const reads: string[] = [];
    const share = shareReads<number>(50);
    const read = (key: string) => share(key, async () => (await sleep(10), reads.push(key)));
    const answers = await Promise.all(Array.from({ length: 1000 }, (_, index) => read(`key ${index % 2}`)));
    expect(reads).toEqual(["key 0", "key 1"]);
    expect(new Set(answers)).toEqual(new Set([1, 2]));
    expect(await read("key 0")).toBe(1);
    await sleep(100);
    expect(await read("key 0")).toBe(3);
  });

  it("a failure is told to all who waited for it and kept for nobody", async () => {
    let reads = 0;
    const share = shareReads<number>(50);
    const read = () => share("key", async () => ((reads += 1) === 1 ? Promise.reject(new Error("away")) : 7));
    expect((await Promise.allSettled([read(), read()])).map(({ status }) => status)).toEqual([
      "rejected",
      "rejected",
    ]);
    expect(await read()).toBe(7);
    expect(reads).toBe(2);
  });
});

describe("places for streams", () => {
  it("are few for each key and limited in all; one given back is free at once, and once", () => {
    const places = createStreamPlaces({ perKey: 2, inAll: 5 });
    const [first, second] = [places.take("a"), places.take("a")];
    expect(places.take("a")).toBeUndefined();
    first?.();
    first?.();
    expect(places.taken).toBe(1);
    expect(places.take("a")).toBeDefined();
    expect(places.take("a")).toBeUndefined();
    for (const key of ["b", "c", "d"]) expect(places.take(key)).toBeDefined();
    expect(places.take("e")).toBeUndefined();
    second?.();
    expect(places.take("e")).toBeDefined();
  });
});
