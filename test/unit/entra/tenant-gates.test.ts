import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { EntraTenantId } from "../../../src/domain/ids.ts";
import type { MicrosoftError } from "../../../src/entra/microsoft-error.ts";
import { createTenantGates } from "../../../src/entra/tenant-gates.ts";

const contoso = "11111111-1111-4111-8111-111111111111" as EntraTenantId;
const fabrikam = "22222222-2222-4222-8222-222222222222" as EntraTenantId;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What a closed gate says, or undefined where it lets in. */
function refusalOf(enter: () => unknown): MicrosoftError | undefined {
  try {
    enter();
    return undefined;
  } catch (error) {
    return error as MicrosoftError;
  }
}

describe("a tenant's gate", () => {
  it("lets any number in at once while nobody was throttled", () => {
    const gates = createTenantGates();
    const leaves = Array.from({ length: 5 }, () => gates.enter(contoso));
    for (const leave of leaves) leave(200);
    for (const status of [0, 400, 403, 404, 500, 503]) gates.enter(contoso)(status);
    expect(refusalOf(() => gates.enter(contoso))).toBeUndefined();
  });

  it("is closed after a 429 for as long as Microsoft said, for this tenant only", () => {
    const gates = createTenantGates();
    gates.enter(contoso)(429, 30_000);
    vi.advanceTimersByTime(29_999);
    expect(refusalOf(() => gates.enter(contoso))).toMatchObject({
      code: "microsoft_throttled",
      facts: { status: 429, reason: "waiting_for_the_tenant" },
    });
    expect(refusalOf(() => gates.enter(fabrikam))).toBeUndefined();
    vi.advanceTimersByTime(1);
    expect(refusalOf(() => gates.enter(contoso))).toBeUndefined();
  });

  it("is closed for five seconds where Microsoft named no time", () => {
    const gates = createTenantGates();
    gates.enter(contoso)(429);
    vi.advanceTimersByTime(4999);
    expect(refusalOf(() => gates.enter(contoso))).toBeDefined();
    vi.advanceTimersByTime(1);
    expect(refusalOf(() => gates.enter(contoso))).toBeUndefined();
  });

  it("names between the time that is left and half as much again, so that not all come at once", () => {
    const gates = createTenantGates();
    gates.enter(contoso)(429, 30_000);
    vi.advanceTimersByTime(10_000);
    const waits = Array.from({ length: 200 }, () => refusalOf(() => gates.enter(contoso))?.retryAfterMs ?? 0);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(20_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(30_000);
    expect(new Set(waits).size).toBeGreaterThan(1);
  });

  it("then lets one go ahead alone, and the others when that one got through", () => {
    const gates = createTenantGates();
    gates.enter(contoso)(429, 1000);
    vi.advanceTimersByTime(1000);
    const first = gates.enter(contoso);
    expect(refusalOf(() => gates.enter(contoso))?.retryAfterMs).toBeGreaterThanOrEqual(1000);
    first(200);
    const all = [gates.enter(contoso), gates.enter(contoso)];
    for (const leave of all) leave(200);
  });

  it.each([0, 500])("opens also when that one ended with %d, which is no throttling", (status) => {
    const gates = createTenantGates();
    gates.enter(contoso)(429, 1000);
    vi.advanceTimersByTime(1000);
    gates.enter(contoso)(status);
    expect(refusalOf(() => gates.enter(contoso))).toBeUndefined();
  });

  it("closes again when that one is throttled too", () => {
    const gates = createTenantGates();
    gates.enter(contoso)(429, 1000);
    vi.advanceTimersByTime(1000);
    gates.enter(contoso)(429, 2000);
    vi.advanceTimersByTime(1999);
    expect(refusalOf(() => gates.enter(contoso))).toBeDefined();
    vi.advanceTimersByTime(1);
    expect(refusalOf(() => gates.enter(contoso))).toBeUndefined();
  });

  it("keeps the longest time of several, in either order", () => {
    for (const waits of [
      [30_000, 1000],
      [1000, 30_000],
    ]) {
      const gates = createTenantGates();
      const leaves = waits.map(() => gates.enter(contoso));
      for (const [index, leave] of leaves.entries()) leave(429, waits[index]);
      vi.advanceTimersByTime(29_999);
      expect(refusalOf(() => gates.enter(contoso))).toBeDefined();
      vi.advanceTimersByTime(1);
      expect(refusalOf(() => gates.enter(contoso))).toBeUndefined();
    }
  });

  it("is not opened by a call that was under way since before it closed", () => {
    const gates = createTenantGates();
    const before = gates.enter(contoso);
    gates.enter(contoso)(429, 1000);
    before(200);
    expect(refusalOf(() => gates.enter(contoso))).toBeDefined();
    vi.advanceTimersByTime(1000);
    const first = gates.enter(contoso);
    before(200);
    expect(refusalOf(() => gates.enter(contoso))).toBeDefined();
    first(200);
    expect(refusalOf(() => gates.enter(contoso))).toBeUndefined();
  });

  it("is not opened by the one that went ahead, when another was throttled meanwhile", () => {
    const gates = createTenantGates();
    const straggler = gates.enter(contoso);
    gates.enter(contoso)(429, 1000);
    vi.advanceTimersByTime(1000);
    const first = gates.enter(contoso);
    straggler(429, 10_000);
    first(200);
    vi.advanceTimersByTime(9999);
    expect(refusalOf(() => gates.enter(contoso))).toBeDefined();
  });
});
