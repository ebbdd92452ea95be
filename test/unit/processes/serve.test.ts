import { EventEmitter, once } from "node:events";
import { Agent, get, type IncomingMessage } from "node:http";
import { expect, it } from "vitest";
import { serveHttp } from "../../../src/processes/serve.ts";

const ask = (port: number, agent: Agent): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, agent }, (answer) => {
      answer.resume().on("end", () => resolve(answer));
    }).on("error", reject);
  });

it("a connection is kept longer than load balancers keep theirs", async () => {
  const server = await serveHttp(() => new Response("x"), "127.0.0.1", 0);
  const agent = new Agent({ keepAlive: true });
  const { headers } = await ask(server.port, agent);
  expect(headers["keep-alive"]).toBe("timeout=75");
  agent.destroy();
  await server.stop();
});

it("a stop waits for answers under way, and not for the connections that they leave", async () => {
  const steps = new EventEmitter();
  const arrived = once(steps, "arrived");
  const server = await serveHttp(
    async () => {
      const ready = once(steps, "ready");
      steps.emit("arrived");
      await ready;
      return new Response("x");
    },
    "127.0.0.1",
    0,
  );
  const agent = new Agent({ keepAlive: true });
  const asked = ask(server.port, agent);
  await arrived;
  const stopped = server.stop();
  steps.emit("ready");
  const answer = await asked;
  // Whoever sent another request on it would be cut off.
  expect([answer.statusCode, answer.headers.connection]).toEqual([200, "close"]);
  const answeredMs = performance.now();
  await stopped;
  // What is not swept stays until it is closed by force, after ten seconds.
  expect(performance.now() - answeredMs).toBeLessThan(6000);
  agent.destroy();
});
