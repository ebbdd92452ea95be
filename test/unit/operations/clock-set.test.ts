import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Database } from "../../../src/db/client.ts";
import { inBulk } from "../../../src/operations/in-bulk.ts";
import { proveConsent } from "../../../src/operations/prove-consent.ts";

// Pauses and turns are waited for by the process's own time, whatever becomes of the time of day.
const hourMs = 3_600_000;

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

it("many of one thing go on when the clock is set back", { timeout: 5000 }, async () => {
  const done: number[] = [];
  const act = async (item: number): Promise<void> => {
    vi.setSystemTime(Date.now() - hourMs);
    done.push(item);
  };
  for await (const { item } of inBulk([1, 2, 3], act, { perSecond: 100, stopOnError: false }))
    expect(done).toContain(item);
  expect(done).toEqual([1, 2, 3]);
});

it("a callback waits for an equal one when the clock is set forward", async () => {
  const expiresAt = new Date(Date.now() + 24 * hourMs);
  const request = { id: "mspr_x", status: "consented", expiresAt };
  const proved = { ...request, status: "proved" };
  const looks = [request, proved];
  const look = async () => {
    vi.setSystemTime(Date.now() + hourMs);
    return looks.shift();
  };
  // The code is good, and another holds the lease.
  const answers = ["claimed", [], "claimed", []];
  const database = { run: async () => answers.shift() } as unknown as Database;
  const ctx = { database, clock: { now: () => new Date() }, look };
  const brought = { code: "code", values: { state: "state" } };
  const turn = proveConsent({ ctx, input: { request, brought } } as unknown as Parameters<
    typeof proveConsent
  >[0]);
  expect(await turn).toEqual({ kind: "moved_on", request: proved });
});
