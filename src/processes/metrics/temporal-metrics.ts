import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

const timeoutMs = 2000;

/** Where the Temporal SDK shows its own metrics: it listens by itself, on loopback, and we pass them on. */
export interface TemporalMetrics {
  readonly bindAddress: string;
  /** Its text; empty while it does not answer. */
  read(): Promise<string>;
}

/** Finds the SDK a free port on loopback. Give `bindAddress` to the runtime at once: nothing holds the port. */
export async function placeTemporalMetrics(): Promise<TemporalMetrics> {
  const server = createServer().listen({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  const bindAddress = `127.0.0.1:${port}`;
  return {
    bindAddress,
    async read() {
      try {
        const answer = await fetch(`http://${bindAddress}/metrics`, {
          signal: AbortSignal.timeout(timeoutMs),
          redirect: "error",
        });
        return answer.ok ? await answer.text() : "";
      } catch {
        return "";
      }
    },
  };
}
