import type { TestProject } from "vitest/node";
import { freePort } from "../../src/cli/embedded/free-port.ts";
import { startEmbeddedPostgres } from "../../src/cli/embedded/postgres.ts";
import { startTemporalServer } from "../../src/cli/embedded/temporal-server.ts";
import { bundleWorkflowCode, DefaultLogger } from "@temporalio/worker";
import { fileURLToPath } from "node:url";

declare module "vitest" {
  export interface ProvidedContext {
    postgresUrl: string;
    temporalAddress: string;
    workflowBundle: string;
  }
}

/** One real PostgreSQL, one real Temporal and one workflow bundle for the whole run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [postgres, temporal, bundle] = await Promise.all([
    startEmbeddedPostgres(undefined),
    startTemporalServer({ port: await freePort(), tell: () => undefined }),
    bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL("../../src/workflows/index.ts", import.meta.url)),
      logger: new DefaultLogger("WARN"),
    }),
  ]);
  project.provide("postgresUrl", postgres.url);
  project.provide("temporalAddress", temporal.address);
  project.provide("workflowBundle", bundle.code);
  return async () => {
    await temporal.stop();
    await postgres.stop();
  };
}
