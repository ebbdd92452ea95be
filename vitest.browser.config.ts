import { defineConfig } from "vitest/config";
import { triesInCi } from "./test/support/second-tries.ts";

/** Real Chromium against the whole embedded stack; one stack per file, so they run one after the other. */
export default defineConfig({
  test: {
    name: "browser",
    reporters: ["default", "./test/support/second-tries.ts"],
    include: ["test/browser/**/*.test.ts"],
    pool: "forks",
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 120_000,
    ...triesInCi,
  },
});
