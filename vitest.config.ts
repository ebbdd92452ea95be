import os from "node:os";
import { defineConfig } from "vitest/config";
import { LaunchFirst } from "./test/support/launch-first.ts";
import { triesInCi } from "./test/support/second-tries.ts";

// Far above what a quiet machine needs: a busy one must not fail a build by its clock.
const slow = { testTimeout: 180_000, hookTimeout: 120_000, pool: "forks" as const, ...triesInCi };

// Half of a short file's time would be loading what all files load: they share their processes.
const shared = { isolate: false } as const;

export default defineConfig({
  test: {
    reporters: ["default", "./test/support/second-tries.ts"],
    // Most of the time is waiting: for lags, timers and restarts. Four files at once are good on two cores too.
    maxWorkers: Math.max(4, os.availableParallelism() - 1),
    sequence: { sequencer: LaunchFirst },
    projects: [
      // Random inputs take their time where the machine is busy with something else.
      { test: { name: "unit", ...shared, include: ["test/unit/**/*.test.ts"], testTimeout: 30_000 } },
      { test: { name: "architecture", include: ["test/architecture/**/*.test.ts"], testTimeout: 60_000 } },
      // Real servers and processes on this machine, started, interrupted and killed.
      { test: { name: "launch", include: ["test/launch/**/*.test.ts"], ...slow, testTimeout: 240_000 } },
      { test: { name: "replay", include: ["test/replay/**/*.test.ts"], ...slow } },
      {
        test: {
          name: "faults",
          ...shared,
          include: ["test/faults/**/*.test.ts"],
          globalSetup: ["test/support/fault-services.ts"],
          ...slow,
        },
      },
      {
        test: {
          name: "e2e",
          ...shared,
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["test/support/services.ts"],
          ...slow,
        },
      },
    ],
  },
});
