import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { collectGarbage } from "../../support/collect-garbage.ts";
import { createAdmission } from "../../../src/api/admission.ts";

const paceOfKey = { burst: 60, everyMs: 100, waitMsMax: 10_000 };
const limits = { running: 4, runningOfKey: 2, waiting: 6, waitingOfKey: 4, waitMs: 5000, paceOfKey };
const refused = { code: "service_unavailable", retryAfterMs: 2000 };

/** Work that lasts until it is ended, by the order in which it was begun. */
function work() {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  return {
    begun,
    end: async (index: number) => {
      ends[index]?.();
      await sleep(0);
    },
    of: (name: string) => () =>
      new Promise<string>((resolve) => {
        begun.push(name);
        ends.push(() => resolve(name));
      }),
  };
}

describe("admission", () => {
  it("lets a few in, fewer of one key; the others follow in turn, key by key", async () => {
    const admission = createAdmission(limits);
    const { begun, end, of } = work();
    const all = ["a1", "a2", "a3", "a4", "b1", "b2", "b3", "c1"].map((name) =>
      admission.enter(name[0] ?? "", of(name)),
    );
    await sleep(0);
    expect(begun).toEqual(["a1", "a2", "b1", "b2"]);
    await end(0);
    // "c" has had nothing yet, so its turn comes before what "a" and "b" have waiting.
    expect(begun.at(-1)).toBe("c1");
    await end(1);
    expect(begun.at(-1)).toBe("a3");
    for (let index = 2; index < all.length; index += 1) await end(index);
    expect((await Promise.all(all)).toSorted()).toEqual(["a1", "a2", "a3", "a4", "b1", "b2", "b3", "c1"]);
  });

  it("refuses beyond the line, of one key and in all, with a time to come again; nothing was begun then", async () => {
    const admission = createAdmission(limits);
    const { begun, of } = work();
    const enter = (key: string) => admission.enter(key, of(key));
    // Whose turn never comes are refused after the test.
    const wait = (key: string) => void enter(key).catch(() => undefined);
    for (let one = 0; one < 6; one += 1) wait("a");
    await expect(enter("a")).rejects.toMatchObject(refused);
    // Another key is not refused for it.
    for (let one = 0; one < 4; one += 1) wait("b");
    await expect(enter("c")).rejects.toMatchObject(refused);
    expect(begun).toEqual(["a", "a", "b", "b"]);
  });

  it("gives up a turn that does not come, and leaves no hole in the line", async () => {
    const admission = createAdmission({ ...limits, waitMs: 30 });
    const { begun, end, of } = work();
    for (const key of ["a", "a", "b", "b"]) void admission.enter(key, of(key));
    await expect(admission.enter("a", of("late"))).rejects.toMatchObject(refused);
    const next = admission.enter("a", of("next"));
    await end(0);
    expect(begun.at(-1)).toBe("next");
    await end(4);
    expect(await next).toBe("next");
  });

  it("keeps nothing of whom it refused", async () => {
    const admission = createAdmission({
      ...limits,
      running: 1,
      waiting: 0,
      // Even at once: the pace keeps some, too.
      paceOfKey: { ...paceOfKey, everyMs: 0.001 },
    });
    const { of } = work();
    void admission.enter("a", of("a"));
    const refuse = async (keys: number): Promise<void> => {
      for (let one = 0; one < keys; one += 1)
        await admission.enter(`${one}`.padStart(1000, "x"), of("late")).catch(() => undefined);
    };
    const heldBytes = (): number => {
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    await refuse(15_000);
    const before = heldBytes();
    await refuse(60_000);
    expect(heldBytes() - before).toBeLessThan(20e6);
  });

  it("gives the place back after a failure, and passes the failure on", async () => {
    const admission = createAdmission({ ...limits, running: 1, runningOfKey: 1 });
    const failing = admission.enter("a", async () => {
      await sleep(5);
      throw new Error("ours");
    });
    const next = admission.enter("b", async () => "done");
    await expect(failing).rejects.toThrow("ours");
    expect(await next).toBe("done");
  });

  it("lets a key that floods in at a pace, another at once, and refuses what would wait too long", async () => {
    const admission = createAdmission({ ...limits, paceOfKey: { burst: 3, everyMs: 40, waitMsMax: 100 } });
    const begun: string[] = [];
    const begunMs = performance.now();
    const enter = (key: string) => admission.enter(key, async () => void begun.push(key));
    const flood = Array.from({ length: 5 }, () => enter("a"));
    await expect(enter("a")).rejects.toMatchObject(refused);
    await enter("b");
    await Promise.all(flood);
    expect(begun).toEqual(["a", "a", "a", "b", "a", "a"]);
    expect(performance.now() - begunMs).toBeGreaterThanOrEqual(79);
  });
});
