import type { TestProject } from "vitest/node";
import { compileProduct } from "../faults/support/processes.ts";
import setup from "./services.ts";

/** The services of every run, and the product compiled once for the processes that the fault suites kill. */
export default async function setupFaults(project: TestProject): Promise<() => Promise<void>> {
  compileProduct();
  return setup(project);
}
