import { startTcpProxy, type TcpProxy } from "../../support/tcp-proxy.ts";

/** A proxy before a database, and the address by it. Unprepared, each statement shows its text on the wire. */
export async function watchPostgres(address: string | URL = ""): Promise<{ proxy: TcpProxy; url: string }> {
  const url = new URL(address);
  const proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
  url.port = String(proxy.port);
  url.searchParams.set("prepare", "false");
  return { proxy, url: url.href };
}
