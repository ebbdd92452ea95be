import { once } from "node:events";
import { connect, createServer, type Server } from "node:net";
import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { postWebhook } from "../../../src/activities/webhooks/post.ts";
import type { SignedPost } from "../../../src/domain/webhooks.ts";
import { collectingGarbage } from "../../support/collect-garbage.ts";

function postTo(server: Server): SignedPost {
  const { port } = server.address() as { port: number };
  return { url: new URL(`http://127.0.0.1:${port}/`), addresses: ["127.0.0.1"], headers: {}, body: "{}" };
}

it.each([
  [
    "switches protocols",
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
    101,
  ],
  ["says hints before", "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 204 No\r\n\r\n", 204],
  ["breaks off in its body", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", 200],
  ["speaks no HTTP", "hello\r\n\r\n", undefined],
  ["says nothing", "", undefined],
])("an attempt ends at a receiver that %s", async (_what, text, status) => {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => (text === "" ? socket.destroy() : socket.write(text)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const outcome = await postWebhook(postTo(server), AbortSignal.timeout(2000));
  server.close();
  const delivered = { kind: "delivered", status };
  const failed = status === undefined ? { error: "connection_failed" } : { error: "status", status };
  expect(outcome).toEqual(status === 204 || status === 200 ? delivered : { kind: "failed", ...failed });
});

it("an attempt ends in time at a receiver that hangs, whatever is collected meanwhile", async () => {
  const server = createServer((socket) => socket.on("error", () => undefined));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const post = postTo(server);
  const attempts = () =>
    Array.from({ length: 5 }, () => postWebhook(post, new AbortController().signal, 300));
  const outcomes = await collectingGarbage(() => Promise.all(attempts()));
  server.close();
  for (const outcome of outcomes) expect(outcome).toEqual({ kind: "failed", error: "timeout" });
});

it("a receiver whose answer never ends is left", async () => {
  let isLeft = false;
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.write("HTTP/1.1 200 OK\r\n\r\n");
    const drip = setInterval(() => socket.write("x"), 50);
    socket.on("close", () => {
      clearInterval(drip);
      isLeft = true;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const outcome = await postWebhook(postTo(server), new AbortController().signal);
  expect(outcome).toEqual({ kind: "delivered", status: 200 });
  await expect.poll(() => isLeft, { timeout: 3000 }).toBe(true);
  server.close();
});

it("a receiver that takes its time to connect is not left for an address where nobody is", async () => {
  const isAccepting = new Int32Array(new SharedArrayBuffer(4));
  const server = new Worker(
    `const { parentPort, workerData } = require("node:worker_threads");
    const server = require("node:http").createServer((request, response) => response.writeHead(204).end());
    server.listen({ host: "127.0.0.1", port: 0, backlog: 1 }, () => {
      parentPort.postMessage(server.address().port);
      Atomics.wait(workerData, 0, 0);
    });`,
    { eval: true, workerData: isAccepting },
  );
  const [port] = (await once(server, "message")) as [number];
  // Two wait to be accepted; whoever comes then is heard when it knocks again, after a second.
  const waiting = Array.from({ length: 4 }, () => connect(port, "127.0.0.1").on("error", () => undefined));
  await Promise.all(waiting.slice(0, 2).map((socket) => once(socket, "connect")));
  setTimeout(() => {
    Atomics.store(isAccepting, 0, 1);
    Atomics.notify(isAccepting, 0);
  }, 400);
  const outcome = await postWebhook(
    {
      url: new URL(`http://far.example:${port}/`),
      addresses: ["127.0.0.1", "127.0.0.2"],
      headers: {},
      body: "",
    },
    new AbortController().signal,
  );
  for (const socket of waiting) socket.destroy();
  await server.terminate();
  expect(outcome).toEqual({ kind: "delivered", status: 204 });
});
