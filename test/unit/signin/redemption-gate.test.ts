import { describe, expect, it } from "vitest";
import type { CodedError } from "../../../src/domain/coded-error.ts";
import type { ConnectionId } from "../../../src/domain/ids.ts";
import { createRedemptionGate } from "../../../src/signin/redemption-gate.ts";

const connectionId = "sso_1" as ConnectionId;
const by = (visitor: string) => ({ connectionId, visitor });

/** Work that is under way until it is let go; `running` says how many are. */
function heldWork() {
  const held: (() => void)[] = [];
  return {
    work: () => new Promise<string>((resolve) => void held.push(() => resolve("done"))),
    running: () => held.length,
    letGo: () => held.splice(0).forEach((go) => go()),
  };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));
const codeOf = async (entered: Promise<unknown>): Promise<string> =>
  entered.then(
    () => "entered",
    (error: CodedError) => error.code,
  );

describe("places", () => {
  it("one visitor takes no more than eight, all together no more than sixteen, the rest queue", async () => {
    const [gate, { work, running, letGo }] = [createRedemptionGate(), heldWork()];
    const all = Array.from({ length: 20 }, () => gate.enter(by("a"), work));
    await turn();
    expect(running()).toBe(8);
    for (const visitor of ["b", "c", "d"])
      all.push(...Array.from({ length: 8 }, () => gate.enter(by(visitor), work)));
    await turn();
    expect(running()).toBe(16);
    while (running() > 0) {
      expect(running()).toBeLessThanOrEqual(16);
      letGo();
      await turn();
    }
    expect(new Set(await Promise.all(all))).toEqual(new Set(["done"]));
  });

  it("a visitor who fills the queue delays nobody else", async () => {
    const [gate, { work, running, letGo }] = [createRedemptionGate(), heldWork()];
    const flood = Array.from({ length: 300 }, () => codeOf(gate.enter(by("flood"), work)));
    await turn();
    expect(running()).toBe(8);
    expect(await gate.enter(by("honest"), () => Promise.resolve("at once"))).toBe("at once");
    for (let round = 0; running() > 0; round += 1) {
      expect(round).toBeLessThan(40);
      letGo();
      await turn();
    }
    const answers = await Promise.all(flood);
    expect(answers.filter((one) => one === "entered")).toHaveLength(208);
    expect(answers.filter((one) => one === "service_unavailable")).toHaveLength(92);
  });

  it("a full queue says when to come again, and connections do not share one", async () => {
    const [gate, { work, letGo }] = [createRedemptionGate(), heldWork()];
    const waiting = Array.from({ length: 208 }, () => codeOf(gate.enter(by("a"), work)));
    await expect(gate.enter(by("a"), work)).rejects.toMatchObject({ retryAfterMs: 2000 });
    const other = { connectionId: "sso_2" as ConnectionId, visitor: "a" };
    expect(await gate.enter(other, () => Promise.resolve("free"))).toBe("free");
    for (let round = 0; round < 40; round += 1) {
      letGo();
      await turn();
    }
    await Promise.all(waiting);
  });

  it("gives the place back when the work fails", async () => {
    const gate = createRedemptionGate();
    for (let attempt = 0; attempt < 30; attempt += 1)
      await gate.enter(by("a"), () => Promise.reject(new Error("no"))).catch(() => undefined);
    expect(await gate.enter(by("a"), () => Promise.resolve("free"))).toBe("free");
  });
});

describe("refused codes", () => {
  it("twenty at once are too many, then one each three seconds is forgiven; others are not meant", async () => {
    let nowMs = 1_000_000;
    const gate = createRedemptionGate(() => nowMs);
    const enter = (visitor = "a") => gate.enter(by(visitor), () => Promise.resolve("in"));
    for (let refused = 0; refused < 20; refused += 1) {
      expect(await enter()).toBe("in");
      gate.countRefusal(by("a"));
    }
    await expect(enter()).rejects.toMatchObject({ code: "too_many_refused_codes", retryAfterMs: 3000 });
    expect(await enter("b")).toBe("in");
    nowMs += 3000;
    expect(await enter()).toBe("in");
    gate.countRefusal(by("a"));
    await expect(enter()).rejects.toMatchObject({ code: "too_many_refused_codes" });
    nowMs += 60_000;
    expect(await enter()).toBe("in");
  });

  it("who waited in the queue is refused too, once too many before were", async () => {
    const [gate, { work, running, letGo }] = [createRedemptionGate(), heldWork()];
    const all = Array.from({ length: 12 }, () => codeOf(gate.enter(by("a"), work)));
    await turn();
    for (let refused = 0; refused < 20; refused += 1) gate.countRefusal(by("a"));
    letGo();
    await turn();
    expect(running()).toBe(0);
    expect((await Promise.all(all)).filter((one) => one === "too_many_refused_codes")).toHaveLength(4);
  });
});
