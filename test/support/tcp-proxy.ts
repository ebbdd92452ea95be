import { type AddressInfo, createServer, connect, type Socket } from "node:net";

/** What a proxy does with a piece that a client sends: let it pass, or act and say so. */
export type Watch = (text: string) => "pass" | "cut" | "forward and cut" | "forward and hold" | "hold";

export interface TcpProxy {
  readonly port: number;
  /** Looks at each piece on its way to the server, until it is replaced. */
  watch: Watch;
  /** Nothing passes in either direction until `thaw`. */
  freeze(): void;
  thaw(): void;
  /** The connections there are fall silent without being closed, as when their host is gone; new ones pass. */
  strand(): void;
  close(): Promise<void>;
}

/**
 * Stands between a process and a server, so that a connection can be cut, or an answer kept back, at an exact
 * statement. "forward and …" lets the server do its work and keeps its answer from the client.
 */
export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const pairs = new Set<{ client: Socket; server: Socket; isMuted: boolean; isStranded: boolean }>();
  let isFrozen = false;
  const proxy = createServer((client) => {
    const server = connect(target.port, target.host);
    const pair = { client, server, isMuted: false, isStranded: false };
    pairs.add(pair);
    const end = (): void => {
      pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    client.on("data", (piece: Buffer) => {
      if (isFrozen || pair.isStranded) return;
      const verdict = api.watch(piece.toString("latin1"));
      if (verdict === "cut") return end();
      if (verdict === "hold") return;
      if (verdict !== "pass") pair.isMuted = true;
      server.write(piece);
      // The server has it; its answer is not for the client.
      if (verdict === "forward and cut") server.once("data", end);
    });
    server.on("data", (piece: Buffer) => {
      if (!isFrozen && !pair.isMuted) client.write(piece);
    });
    for (const socket of [client, server]) socket.on("error", end).on("close", end);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const api: TcpProxy = {
    port: (proxy.address() as AddressInfo).port,
    watch: () => "pass",
    freeze: () => {
      isFrozen = true;
    },
    strand: () => {
      for (const pair of pairs) {
        pair.isStranded = true;
        pair.isMuted = true;
      }
    },
    // What was swallowed is lost, so the connections are of no use any more.
    thaw: () => {
      isFrozen = false;
      for (const { client, server } of pairs) {
        client.destroy();
        server.destroy();
      }
      pairs.clear();
    },
    close: () =>
      new Promise((resolve) => {
        for (const { client, server } of pairs) {
          client.destroy();
          server.destroy();
        }
        proxy.close(() => resolve());
      }),
  };
  return api;
}
