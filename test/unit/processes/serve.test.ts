import { Agent, get, type IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
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
  const server = await serveHttp(
    async () => {
      await sleep(300);
      return new Response("x");
    },
    "127.0.0.1",
    0,
  );
  const agent = new Agent({ keepAlive: true });
  const asked = ask(server.port, agent);
  await sleep(100);
  const beganMs = Date.now();
  const stopped = server.stop();
  expect((await asked).statusCode).toBe(200);
  await stopped;
  expect(Date.now() - beganMs).toBeLessThan(3000);
  agent.destroy();
});
