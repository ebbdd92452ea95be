import os from "node:os";
import { defineConfig } from "vitest/config";

// Far above what a quiet machine needs: a busy one must not fail a build by its clock.
const slow = { testTimeout: 180_000, hookTimeout: 120_000, pool: "forks" as const };

export default defineConfig({
  test: {
    // Most of the time is waiting: for lags, timers and restarts. Two files at once are good on two cores too.
    maxWorkers: Math.max(2, os.availableParallelism() - 1),
    projects: [
      // Random inputs take their time where the machine is busy with something else.
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"], testTimeout: 30_000 } },
      { test: { name: "architecture", include: ["test/architecture/**/*.test.ts"], testTimeout: 60_000 } },
      // Real servers and processes on this machine, started, interrupted and killed.
      { test: { name: "launch", include: ["test/launch/**/*.test.ts"], ...slow, testTimeout: 240_000 } },
      { test: { name: "replay", include: ["test/replay/**/*.test.ts"], ...slow } },
      {
        test: {
          name: "faults",
          include: ["test/faults/**/*.test.ts"],
          globalSetup: ["test/support/fault-services.ts"],
          ...slow,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["test/support/services.ts"],
          ...slow,
        },
      },
    ],
  },
});
