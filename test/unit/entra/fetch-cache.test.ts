import { describe, expect, it } from "vitest";
import { createFetchCache } from "../../../src/entra/fetch-cache.ts";
import { MicrosoftError } from "../../../src/entra/microsoft-error.ts";

const away = (status: number, retryAfterMs?: number) =>
  new MicrosoftError("microsoft_unavailable", { status, reason: "test", retryAfterMs });

function counted(entriesMax = 10) {
  let nowMs = 0;
  const cache = createFetchCache<string>(entriesMax, () => nowMs);
  const fetched: string[] = [];
  return {
    cache,
    fetched,
    pass: (ms: number) => (nowMs += ms),
    get: (key: string, error?: Error) =>
      cache.get(key, async () => {
        fetched.push(key);
        if (error) throw error;
        return { value: `${key} ${fetched.length}`, goodForMs: 1000 };
      }),
  };
}

describe("answers of Microsoft's", () => {
  it("are fetched once for all who ask at once, and again when they are old or dropped", async () => {
    const { cache, fetched, get, pass } = counted();
    expect(new Set(await Promise.all([get("a"), get("a"), get("a")]))).toEqual(new Set(["a 1"]));
    pass(999);
    expect(await get("a")).toBe("a 1");
    pass(1);
    expect(await get("a")).toBe("a 2");
    cache.drop("a");
    expect(await get("a")).toBe("a 3");
    expect(fetched).toHaveLength(3);
  });

  it("of more than the room, the one used longest ago goes", async () => {
    const { fetched, get } = counted(2);
    await get("a");
    await get("b");
    await get("a");
    await get("c");
    await get("a");
    expect(fetched).toEqual(["a", "b", "c"]);
    await get("b");
    expect(fetched).toEqual(["a", "b", "c", "b"]);
  });

  it.each([
    ["no answer", away(0), 150],
    ["an outage", away(503), 150],
    ["throttling", away(429, 5000), 5000],
    ["throttling for a day", away(429, 86_400_000), 60_000],
  ])("after %s nothing is sent for a moment, then it is tried again", async (_, error, forMs) => {
    const { fetched, get, pass } = counted();
    await expect(Promise.all([get("a", error), get("a", error)])).rejects.toBe(error);
    pass(forMs - 1);
    await expect(get("a")).rejects.toBe(error);
    expect(fetched).toEqual(["a"]);
    expect(await get("b")).toBe("b 2");
    pass(1);
    expect(await get("a")).toBe("a 3");
  });

  it.each([
    ["a refusal", away(400)],
    ["a token that may be another one soon", away(200)],
    ["an error of ours", new TypeError("test")],
  ])("%s is kept for nobody", async (_, error) => {
    const { get } = counted();
    await expect(get("a", error)).rejects.toBe(error);
    expect(await get("a")).toBe("a 2");
  });
});
