import { Client, Connection } from "@temporalio/client";
import { loadClientConnectConfig } from "@temporalio/envconfig";
import type { ServiceConfig } from "../config/config.ts";

/** Temporal's own configuration (`TEMPORAL_*`, profile file), with address and namespace of ours on top. */
export function temporalOptions(config: ServiceConfig): {
  namespace: string;
  connectionOptions: { address: string; tls?: unknown };
} {
  const loaded = loadClientConnectConfig();
  return {
    namespace: config.temporal.namespace ?? loaded.namespace ?? "default",
    connectionOptions: {
      ...loaded.connectionOptions,
      address: config.temporal.address ?? loaded.connectionOptions.address ?? "localhost:7233",
    },
  };
}

/** Connects on first use, so that an API process starts while Temporal is away. */
export function openTemporalClient(config: ServiceConfig): Client {
  const { namespace, connectionOptions } = temporalOptions(config);
  return new Client({
    namespace,
    connection: Connection.lazy({ ...connectionOptions, connectTimeout: "3s" } as Parameters<
      typeof Connection.lazy
    >[0]),
  });
}
