import { describe, expect, it } from "vitest";
import { withTimeLimit } from "../../../src/domain/time-limit.ts";
import { collectingGarbage } from "../../support/collect-garbage.ts";

/** Ends when it is told to, and says why. */
const untilStopped = ({ signal }: { signal: AbortSignal }): Promise<unknown> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve(signal.reason), { once: true }));

describe("a time limit", () => {
  it.each([
    ["alone", () => undefined],
    ["beside one who may cancel", () => new AbortController().signal],
    ["beside another limit", () => AbortSignal.timeout(60_000)],
  ])("comes, %s, whatever is collected meanwhile", async (_name, cancelled) => {
    const limited = () =>
      withTimeLimit({ ms: 100, cancelled: cancelled() }, async (limit) => [
        await untilStopped(limit),
        limit.isOver(),
      ]);
    const reasons = await collectingGarbage(() => Promise.all(Array.from({ length: 20 }, limited)));
    for (const [reason, isOver] of reasons) {
      expect(reason).toMatchObject({ name: "TimeoutError" });
      expect(isOver).toBe(true);
    }
  });

  it.each([
    ["that is aborted meanwhile", () => AbortSignal.timeout(50)],
    ["that was aborted before", () => AbortSignal.abort(new Error("left"))],
  ])("gives way to a signal %s", async (_name, cancelled) => {
    await withTimeLimit({ ms: 60_000, cancelled: cancelled() }, async ({ signal, isOver }) => {
      if (!signal.aborted) await untilStopped({ signal });
      expect(isOver()).toBe(false);
    });
  });

  it("leaves nothing behind when the work ends first", async () => {
    const cancel = new AbortController();
    const limit = await withTimeLimit({ ms: 20, cancelled: cancel.signal }, async (given) => given);
    await new Promise((resolve) => setTimeout(resolve, 60));
    cancel.abort();
    expect(limit.signal.aborted).toBe(false);
    await expect(
      withTimeLimit({ ms: 20, cancelled: cancel.signal }, () => Promise.reject(new Error("its own"))),
    ).rejects.toThrow("its own");
  });
});
