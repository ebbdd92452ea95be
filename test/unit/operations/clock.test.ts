import { expect, it } from "vitest";
import type { Database } from "../../../src/db/client.ts";
import { readTime } from "../../../src/domain/clock.ts";
import type { TemporalLook } from "../../../src/domain/temporal-look.ts";
import { checkClock } from "../../../src/operations/checks/clock.ts";
import { checkCredential } from "../../../src/operations/checks/credential.ts";
import { pollingWorkers } from "../../../src/operations/polling-workers.ts";

const at = new Date("2026-11-28T12:00:00Z");
const clock = { now: () => at };
const later = (ms: number): Date => new Date(at.getTime() + ms);

it.each([
  [0, "pass"],
  [-4000, "pass"],
  [6000, "warn"],
  [-31_000, "fail"],
  [31_000, "fail"],
])("a database %i ms ahead of this machine: %s", async (aheadMs, status) => {
  const database = { run: async () => [{ ms: later(aheadMs).getTime() }] } as unknown as Database;
  expect((await checkClock(database, async () => at, clock)).status).toBe(status);
});

it("a worker that asked within two minutes counts", async () => {
  const seen = [0, -119_000, -120_000, -121_000].map((ms) => ({ kind: "workflow", lastSeenAt: later(ms) }));
  const look = { pollers: async () => seen } as unknown as TemporalLook;
  expect(await pollingWorkers(look, clock)).toEqual({ workflow: 3, activity: 0 });
});

it.each([
  [31, "pass"],
  [29, "warn"],
])("our own secret, %i days before its end: %s", async (days, status) => {
  const registration = { secretEndsAt: later(days * 86_400_000) };
  const look = async () => ({ roles: ["Application.ReadWrite.OwnedBy"], registration }) as never;
  expect((await checkCredential(look, clock)).status).toBe(status);
});

it.each([
  ["Sat, 28 Nov 2026 12:00:00 GMT", at],
  ["soon", undefined],
  [null, undefined],
])("a Date header %s", (text, expected) => {
  expect(readTime(text)).toEqual(expected);
});
