import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import type { Logger } from "../../../src/domain/logger.ts";
import { startLoop } from "../../../src/processes/loop.ts";

it("a stop cancels the pass under way and says nothing of it", async () => {
  const lines: string[] = [];
  const write = (message: string) => void lines.push(message);
  const log: Logger = { debug: write, info: write, warn: write, error: write };
  let begun = 0;
  const loop = startLoop("looking", log, async (signal) => {
    begun += 1;
    await sleep(60_000, undefined, { signal });
    return 0;
  });
  const stoppingMs = performance.now();
  await loop.stop();
  expect(performance.now() - stoppingMs).toBeLessThan(1000);
  expect([begun, lines]).toEqual([1, []]);
});
