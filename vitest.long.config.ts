import { defineConfig } from "vitest/config";

/** Runs of many minutes: npm run soak, npm run throttled. */
export default defineConfig({
  test: {
    name: "long",
    include: ["test/long/**/*.test.ts"],
    globalSetup: ["test/support/fault-services.ts"],
    pool: "forks",
    fileParallelism: false,
    testTimeout: 3_600_000,
    hookTimeout: 120_000,
  },
});
