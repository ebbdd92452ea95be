import type { Reporter, TestModule } from "vitest/node";

/** Prints the fault run as a table: cases by family, passed, failed, seconds. */
export default class TableReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const rows = modules.map((module) => {
      const cases = [...module.children.allTests()];
      const count = (state: string): number => cases.filter((one) => one.result().state === state).length;
      return {
        family: module.moduleId.split("/").at(-1)?.replace(".test.ts", "") ?? "",
        cases: count("passed") + count("failed"),
        passed: count("passed"),
        failed: count("failed"),
        seconds: Math.round(module.diagnostic().duration / 1000),
      };
    });
    const total = rows.reduce(
      (sum, row) => ({
        family: "all",
        cases: sum.cases + row.cases,
        passed: sum.passed + row.passed,
        failed: sum.failed + row.failed,
        seconds: sum.seconds + row.seconds,
      }),
      { family: "all", cases: 0, passed: 0, failed: 0, seconds: 0 },
    );
    const line = (row: Record<string, string | number>): string =>
      `${String(row["family"]).padEnd(28)}${["cases", "passed", "failed", "seconds"].map((name) => String(row[name]).padStart(9)).join("")}`;
    process.stdout.write(
      `\n${[line({ family: "family", cases: "cases", passed: "passed", failed: "failed", seconds: "seconds" }), ...rows.map(line), line(total)].join("\n")}\n`,
    );
    for (const module of modules)
      for (const one of module.children.allTests("failed"))
        process.stdout.write(`\nFAILED ${one.fullName}\n${one.result().errors?.[0]?.message ?? ""}\n`);
  }
}
