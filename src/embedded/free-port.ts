import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/** Below the ports that systems give away by themselves, so that nobody's outgoing call takes it before it is used. */
const range = { first: 20_000, beyond: 32_000 } as const;
const triesMax = 100;

/** A port that nobody listens on right now. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const port = randomInt(range.first, range.beyond);
    if (await canListen(port)) return port;
  }
  throw new Error(`no free port was found between ${range.first} and ${range.beyond}`);
}

async function canListen(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen({ port, host: "127.0.0.1", exclusive: true });
    await once(server, "listening");
    return true;
  } catch {
    return false;
  } finally {
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}
