import { describe, expect, it } from "vitest";
import { createPlaces } from "../../../src/db/places.ts";

describe("places", () => {
  it("lets the oldest of those who wait in, one for each that leaves", async () => {
    const places = createPlaces(2);
    const inside: number[] = [];
    const all = [1, 2, 3, 4].map((who) => places.enter(undefined).then(() => inside.push(who)));
    await Promise.all(all.slice(0, 2));
    expect(inside).toEqual([1, 2]);
    places.leave();
    await all[2];
    expect(inside).toEqual([1, 2, 3]);
    places.leave();
    await all[3];
    expect(inside).toEqual([1, 2, 3, 4]);
  });

  it("forgets whoever gave up, and gives the place to the next", async () => {
    const places = createPlaces(1);
    await places.enter(undefined);
    const patience = new AbortController();
    const impatient = places.enter(patience.signal);
    const patient = places.enter(undefined);
    patience.abort();
    await expect(impatient).rejects.toMatchObject({ code: "no_place" });
    places.leave();
    await patient;
  });

  it("does not lose a place to a signal that comes after the entry", async () => {
    const places = createPlaces(1);
    await places.enter(undefined);
    const signal = new AbortController();
    const second = places.enter(signal.signal);
    places.leave();
    await second;
    signal.abort();
    places.leave();
    await places.enter(undefined);
  });
});
