import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { serve as serveNode, type ServerType } from "@hono/node-server";
import { headerBytesMax } from "../domain/limits.ts";

type Fetch = Parameters<typeof serveNode>[0]["fetch"];

export interface RunningServer {
  readonly port: number;
  /** Stops accepting, lets running requests finish for up to 10 s. */
  stop(): Promise<void>;
}

const drainMs = 10_000;
/**
 * Longer than the minute for which load balancers keep a connection: one that sends on a connection we just closed
 * answers its browser with 502.
 */
const keepAliveMs = 75_000;
const closeIdleEveryMs = 100;

/** Listens; rejects with the system's code (EADDRINUSE) when the port is taken. */
export async function serveHttp(fetch: Fetch, host: string, port: number): Promise<RunningServer> {
  const server = await new Promise<ServerType>((resolve, reject) => {
    const starting = serveNode(
      {
        fetch,
        hostname: host,
        port,
        serverOptions: {
          requestTimeout: 30_000,
          headersTimeout: 20_000,
          keepAliveTimeout: keepAliveMs,
          connectionsCheckingInterval: 5000,
          maxHeaderSize: headerBytesMax,
        },
      },
      () => resolve(starting),
    );
    starting.once("error", reject);
  });
  const underWay = new Set<ServerResponse>();
  let isStopping = false;
  server.prependListener("request", (_request: unknown, answer: ServerResponse) => {
    if (isStopping) answer.shouldKeepAlive = false;
    underWay.add(answer);
    answer.once("close", () => underWay.delete(answer));
  });
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        const force = setTimeout(
          () => "closeAllConnections" in server && server.closeAllConnections(),
          drainMs,
        );
        // Each answer from now on says that its connection ends: who sent another request on it would lose that.
        isStopping = true;
        for (const answer of underWay) if (!answer.headersSent) answer.shouldKeepAlive = false;
        const closeIdle = (): void => {
          if ("closeIdleConnections" in server) server.closeIdleConnections();
        };
        // What was busy is idle once it has its answer, and nobody sends on it any more.
        const sweep = setInterval(closeIdle, closeIdleEveryMs);
        server.close(() => {
          clearTimeout(force);
          clearInterval(sweep);
          resolve();
        });
        closeIdle();
      }),
  };
}
