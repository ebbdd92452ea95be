import type { Reporter, TestModule } from "vitest/node";

/**
 * A run on a clean checkout lets a case that failed try once more, so that one lost race does not hold up a landing;
 * each such case is named at the end, for it is a fault of the case or of the product that somebody has to find.
 */
export const triesInCi = process.env["CI"] ? { retry: 1 } : {};

export default class SecondTries implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    for (const module of modules)
      for (const one of module.children.allTests("passed"))
        if (one.diagnostic()?.flaky)
          process.stdout.write(
            `HELD AT THE SECOND TRY ONLY ${one.fullName}: ${one.result().errors?.[0]?.message ?? ""}\n`,
          );
  }
}
