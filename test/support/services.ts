import type { TestProject } from "vitest/node";
import { freePort } from "../../src/embedded/free-port.ts";
import { startEmbeddedPostgres } from "../../src/embedded/postgres.ts";
import { startTemporalServer } from "../../src/embedded/temporal-server.ts";
import { bundleWorkflowCode, DefaultLogger } from "@temporalio/worker";
import { workflowSource } from "../../src/processes/workflow-source.ts";

declare module "vitest" {
  export interface ProvidedContext {
    postgresUrl: string;
    temporalAddress: string;
    workflowBundle: string;
  }
}

/** One real PostgreSQL, one real Temporal and one workflow bundle for the whole run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stops: (() => Promise<void>)[] = [];
  const stopAll = async (): Promise<void> => {
    for (const stop of stops.splice(0)) await stop();
  };
  const started = <T extends { stop(): Promise<void> }>(service: T): T => {
    stops.push(() => service.stop());
    return service;
  };
  // A tenth of Temporal's work here is collecting garbage: it may keep more, up to a limit.
  process.env["GOGC"] ??= "300";
  process.env["GOMEMLIMIT"] ??= "2GiB";
  // One that fails must not leave the others running.
  const [postgres, temporal, bundle] = await Promise.allSettled([
    startEmbeddedPostgres(undefined).then(started),
    freePort()
      .then((port) => startTemporalServer({ port, tell: () => undefined }))
      .then(started),
    bundleWorkflowCode({
      ...workflowSource,
      logger: new DefaultLogger("WARN"),
    }),
  ]);
  if (postgres.status === "rejected" || temporal.status === "rejected" || bundle.status === "rejected") {
    await stopAll();
    throw [postgres, temporal, bundle].find((one) => one.status === "rejected")?.reason;
  }
  // Tests make databases and roles of their own.
  project.provide("postgresUrl", postgres.value.adminUrl);
  project.provide("temporalAddress", temporal.value.address);
  project.provide("workflowBundle", bundle.value.code);
  return stopAll;
}
