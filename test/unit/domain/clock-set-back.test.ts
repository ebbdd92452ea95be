import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createPace } from "../../../src/api/pace.ts";
import { secretFile } from "../../../src/config/secret-file.ts";
import { createFetchBucket } from "../../../src/domain/fetch-bucket.ts";
import { createForgivenCounts } from "../../../src/domain/forgiven-counts.ts";
import type { EntraTenantId } from "../../../src/domain/ids.ts";
import { createKeySet } from "../../../src/domain/key-set.ts";
import { createFetchCache } from "../../../src/entra/fetch-cache.ts";
import { createInstallationGates } from "../../../src/entra/installation-gates.ts";
import { createTenantGates } from "../../../src/entra/tenant-gates.ts";

// Whoever keeps something or waits for a while must not go by the time of day: it may be set back.
const contoso = "11111111-1111-4111-8111-111111111111" as EntraTenantId;
const hourMs = 3_600_000;
const setBack = (): unknown => vi.setSystemTime(Date.now() - hourMs);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("what was fetched is fetched again in time", async () => {
  const cache = createFetchCache<number>(10);
  let fetches = 0;
  const get = () => cache.get("key", async () => ({ value: (fetches += 1), goodForMs: 1000 }));
  expect(await get()).toBe(1);
  setBack();
  expect(await get()).toBe(1);
  vi.advanceTimersByTime(1001);
  expect(await get()).toBe(2);
});

test("published keys are read again in time", async () => {
  let loads = 0;
  const load = async () => ((loads += 1), [{ kid: String(loads) }]);
  const keySet = createKeySet({ load, pause: async () => {}, pausesMs: [0] });
  await keySet.warm();
  setBack();
  vi.advanceTimersByTime(5 * 60_000 + 1);
  await keySet.warm();
  expect(loads).toBe(2);
});

test("a bucket of fetches fills again", () => {
  const bucket = createFetchBucket({ size: 1, refillMs: 1000 });
  expect(bucket.take()).toBe(true);
  setBack();
  expect(bucket.waitMs()).toBe(1000);
  vi.advanceTimersByTime(1000);
  expect(bucket.take()).toBe(true);
});

test("refusals are forgiven", () => {
  const counts = createForgivenCounts({ max: 1, forgivenAfterMs: 1000 });
  counts.add("visitor");
  setBack();
  vi.advanceTimersByTime(1000);
  expect(counts.waitMs("visitor")).toBe(0);
});

test("a tenant's gate opens", () => {
  const gates = createTenantGates();
  gates.enter(contoso)(429, 1000);
  expect(() => gates.enter(contoso)).toThrow("slow down");
  setBack();
  vi.advanceTimersByTime(1000);
  expect(() => gates.enter(contoso)).not.toThrow();
});

test("the installation is asked again whether a tenant must rest", async () => {
  const ask = vi.fn(async () => ({ kind: "none" as const }));
  const gates = createInstallationGates({ ask, pause: async () => {}, resume: async () => {} });
  await gates.enter(contoso);
  setBack();
  vi.advanceTimersByTime(200);
  await gates.enter(contoso);
  expect(ask).toHaveBeenCalledTimes(2);
});

test("one organization's pace goes on", async () => {
  const pace = createPace({ burst: 1, everyMs: 1000, waitMsMax: 0 });
  expect(await pace("organization")).toBe(true);
  expect(await pace("organization")).toBe(false);
  setBack();
  vi.advanceTimersByTime(1000);
  expect(await pace("organization")).toBe(true);
});

test("a secret's file is looked at", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "clock-set-back-"));
  const file = path.join(folder, "secret");
  try {
    writeFileSync(file, "one");
    const read = secretFile(file, "one");
    setBack();
    writeFileSync(file, "another");
    vi.advanceTimersByTime(1000);
    expect(read()).toBe("another");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
