import { once } from "node:events";
import { createServer, type ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { loadServiceConfig } from "../../../src/config/load-service-config.ts";
import { openTemporalClient } from "../../../src/temporal/client.ts";
import { ensureMaintenanceSchedule } from "../../../src/temporal/maintenance-schedule.ts";

it("a Temporal that takes calls and answers none holds up no pass for long", async () => {
  const sessions: ServerHttp2Session[] = [];
  const silent = createServer().listen(0, "127.0.0.1");
  silent.on("session", (session) => sessions.push(session.on("error", () => undefined)));
  silent.on("stream", (stream) => stream.on("error", () => undefined));
  await once(silent, "listening");
  const client = openTemporalClient(
    loadServiceConfig({
      DATABASE_URL: "postgres://nobody:x@127.0.0.1:9/authio",
      TEMPORAL_ADDRESS: `127.0.0.1:${(silent.address() as AddressInfo).port}`,
    }),
  );
  await expect(ensureMaintenanceSchedule(client)).rejects.toMatchObject({ name: "ServiceError" });
  await client.connection.close();
  for (const session of sessions) session.destroy();
  silent.close();
});
