import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { shareReads } from "../../../src/api/share-reads.ts";
import { createStreamPlaces } from "../../../src/api/browser/stream-places.ts";

describe("shared reads", () => {
  it("a thousand who ask at once, and those who ask soon after, cost one read of each key", async () => {
    const reads: string[] = [];
    const share = shareReads<number>(50);
    const read = (key: string) => share.read(key, async () => (await sleep(10), reads.push(key)));
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
    const read = () =>
      share.read("key", async () => ((reads += 1) === 1 ? Promise.reject(new Error("away")) : 7));
    expect((await Promise.allSettled([read(), read()])).map(({ status }) => status)).toEqual([
      "rejected",
      "rejected",
    ]);
    expect(await read()).toBe(7);
    expect(reads).toBe(2);
  });

  it("a read that is forgotten answers those who have it, and nobody who asks later", async () => {
    let reads = 0;
    const share = shareReads<number>(50);
    const read = () => share.read("key", async () => (await sleep(10), (reads += 1)));
    const before = read();
    share.forget("key");
    const after = read();
    expect([await before, await after]).toEqual([1, 2]);
    await sleep(20);
    // The end of the first one's time does not take the second one's answer away.
    expect(await read()).toBe(2);
  });
});

describe("places for streams", () => {
  const of = (request: string, browser = "one") => ({ request, browser });

  it("are few for each request in a browser and limited in all; one given back is free at once, and once", () => {
    const places = createStreamPlaces({ perRequest: 2, perBrowser: 9, inAll: 5 });
    const [first, second] = [places.take(of("a")), places.take(of("a"))];
    expect(places.take(of("a"))).toBeUndefined();
    first?.();
    first?.();
    expect(places.taken).toBe(1);
    expect(places.take(of("a"))).toBeDefined();
    expect(places.take(of("a"))).toBeUndefined();
    for (const key of ["b", "c", "d"]) expect(places.take(of(key))).toBeDefined();
    expect(places.take(of("e"))).toBeUndefined();
    second?.();
    expect(places.take(of("e"))).toBeDefined();
  });

  it("are few for each browser, whatever it looks at", () => {
    const places = createStreamPlaces({ perRequest: 2, perBrowser: 3, inAll: 100 });
    for (const key of ["a", "b", "c"]) expect(places.take(of(key))).toBeDefined();
    expect(places.take(of("d"))).toBeUndefined();
    expect(places.take(of("a", "other"))).toBeDefined();
  });
});
