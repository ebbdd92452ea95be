import { expect, it } from "vitest";
import { loadServiceConfig } from "../../../src/config/load-service-config.ts";
import { freePort } from "../../../src/embedded/free-port.ts";
import { openTemporalClient } from "../../../src/temporal/client.ts";

// A retry on a closed connection throws outside of everything: it ends a process, and this run.

const blockFor = (ms: number): void => {
  for (const endMs = performance.now() + ms; performance.now() < endMs;);
};

it.each([
  ["is due", 0],
  ["is overdue in a busy process", 400],
])("closing waits for a retry that %s", async (_when, blockedMs) => {
  const client = openTemporalClient(
    loadServiceConfig({
      DATABASE_URL: "postgres://localhost/x",
      TEMPORAL_ADDRESS: `127.0.0.1:${await freePort()}`,
    }),
  );
  const refused = client
    .withDeadline(Date.now() + 120, () => client.workflowService.describeNamespace({ namespace: "default" }))
    .catch((error: unknown) => error);
  // By now it was refused, and comes again in a tenth of a second.
  await new Promise((resolve) => setTimeout(resolve, 60));
  blockFor(blockedMs);
  await client.connection.close();
  expect(await refused).toBeInstanceOf(Error);
  // What comes late comes now.
  await new Promise((resolve) => setTimeout(resolve, 300));
});
