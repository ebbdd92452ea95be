import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What came to a receiver. */
export interface Received {
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  /** The event's id, name and what it is about. */
  readonly event: { id: string; action: string; target_id: string; metadata: Record<string, unknown> };
}
/** A status to answer with, `hang` for no answer at all, or whatever a test does by itself. */
export type Answer = number | "hang" | ((answer: ServerResponse) => void);

/** An application's webhook endpoint: keeps what comes and answers as it is told. */
export async function startReceiver(answerOf: (received: Received) => Answer = () => 204) {
  const received: Received[] = [];
  let answering = answerOf;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString("utf8");
      const one = { headers: request.headers, body, event: JSON.parse(body) as Received["event"] };
      received.push(one);
      const answer = answering(one);
      if (typeof answer === "number") response.writeHead(answer).end("thank you");
      else if (answer !== "hang") answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    received,
    port,
    url: `http://127.0.0.1:${port}/hook`,
    /** How it answers from now on. */
    answer(by: (received: Received) => Answer): void {
      answering = by;
    },
    of: (targetId: string): Received[] => received.filter(({ event }) => event.target_id === targetId),
    async stop(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
