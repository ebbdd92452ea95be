import { describe, expect, it } from "vitest";
import { createFetchBucket } from "../../../src/domain/fetch-bucket.ts";
import { createKeySet, type PublishedKey } from "../../../src/domain/key-set.ts";

const minute = 60_000;

/** A key set over a list of answers, the last of which repeats; an error is an answer that failed. */
function keysOver(answers: (string[] | "fails")[], pausesMs = [0, 100]) {
  let nowMs = 1_000_000;
  const state = { fetches: 0, paused: [] as number[] };
  const set = createKeySet({
    load: async () => {
      const answer = answers[Math.min(state.fetches, answers.length - 1)];
      state.fetches += 1;
      await Promise.resolve();
      if (answer === undefined || answer === "fails") throw new TypeError("no answer");
      return answer.map((kid) => ({ kid, kty: "RSA" }));
    },
    pause: async (ms) => void state.paused.push(ms),
    pausesMs,
    now: () => nowMs,
  });
  const pick = (kid: string) => async (keys: readonly PublishedKey[]) =>
    keys.find((key) => key.kid === kid)?.kid;
  return {
    state,
    later: (ms: number) => (nowMs += ms),
    find: (kid: string) => set.find(pick(kid)),
    kind: async (kid: string) => (await set.find(pick(kid))).kind,
  };
}

describe("a key set", () => {
  it("is fetched once for many, and again after five minutes", async () => {
    const keys = keysOver([["a"]]);
    expect(await Promise.all(Array.from({ length: 50 }, () => keys.kind("a")))).toEqual(
      Array.from({ length: 50 }, () => "found"),
    );
    expect(keys.state.fetches).toBe(1);
    keys.later(5 * minute);
    await keys.kind("a");
    expect(keys.state.fetches).toBe(2);
  });

  it("is fetched again for a key that is not there, also when the next answer is still an old one", async () => {
    const keys = keysOver([["a"], ["a"], ["a", "b"]]);
    await keys.kind("a");
    expect(await Promise.all([keys.kind("b"), keys.kind("b"), keys.kind("b")])).toEqual([
      "found",
      "found",
      "found",
    ]);
    expect(keys.state.fetches).toBe(3);
  });

  it("says unknown only after answers that agree, and never once the bucket is empty", async () => {
    const keys = keysOver([["a"]]);
    expect(await keys.kind("x")).toBe("unknown");
    expect(await keys.kind("y")).toBe("unknown");
    expect(keys.state.fetches).toBe(4);
    expect(await keys.find("z")).toEqual({ kind: "unavailable", retryAfterMs: 10_000 });
    expect(keys.state.fetches).toBe(5);
    for (let nth = 0; nth < 100; nth += 1) expect(await keys.kind(`k${nth}`)).toBe("unavailable");
    expect(keys.state.fetches).toBe(5);
    // What is known is not touched by that.
    expect(await keys.kind("a")).toBe("found");
    keys.later(10_000);
    expect(await keys.kind("z")).toBe("unavailable");
    expect(keys.state.fetches).toBe(6);
  });

  it("learns of a rotation with the first fetch that the bucket gives", async () => {
    const keys = keysOver([["a"], ["a"], ["a"], ["a"], ["a"], ["b"]]);
    for (const kid of ["w", "x", "y", "b"]) await keys.kind(kid);
    expect(await keys.kind("b")).toBe("unavailable");
    keys.later(10_000);
    expect(await keys.kind("b")).toBe("found");
  });

  it("serves the last good set for a day while nothing comes", async () => {
    const keys = keysOver([["a"], "fails"]);
    await keys.kind("a");
    keys.later(5 * minute);
    expect(await keys.kind("a")).toBe("found");
    expect(await keys.kind("a")).toBe("found");
    expect(keys.state.fetches).toBe(2);
    expect(await keys.kind("b")).toBe("unavailable");
    keys.later(24 * 60 * minute);
    expect(await keys.kind("a")).toBe("unavailable");
  });

  it("asks an endpoint that does not answer five times and then every ten seconds", async () => {
    const keys = keysOver(["fails"]);
    for (let nth = 0; nth < 20; nth += 1) expect(await keys.kind("a")).toBe("unavailable");
    expect(keys.state.fetches).toBe(5);
    keys.later(20_000);
    expect(await keys.kind("a")).toBe("unavailable");
    expect(keys.state.fetches).toBe(7);
  });
});

it("a bucket refills by one at a time, up to its size", () => {
  let nowMs = 0;
  const bucket = createFetchBucket({ size: 2, refillMs: 100 }, () => nowMs);
  nowMs = 1000;
  expect([bucket.take(), bucket.take(), bucket.take(), bucket.waitMs()]).toEqual([true, true, false, 100]);
  nowMs = 1060;
  expect([bucket.take(), bucket.waitMs()]).toEqual([false, 40]);
  nowMs = 1100;
  expect([bucket.waitMs(), bucket.take(), bucket.take()]).toEqual([0, true, false]);
  nowMs = 9000;
  expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([true, true, false]);
});
