import { gzipSync } from "node:zlib";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createRemoteJWKSet, customFetch } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  answerBytesMax,
  AnswerTooLongError,
  boundedFetch,
  readText,
} from "../../../src/entra/bounded-fetch.ts";
import { noTelemetry } from "../../../src/domain/telemetry.ts";
import { readAnswer } from "../../../src/entra/http-answer.ts";
import { collectingGarbage } from "../../support/collect-garbage.ts";

const megabyte = 1024 * 1024;
/** 64 MB of JSON that weigh 65 KB on the wire. */
const bomb = gzipSync(`{"value":"${" ".repeat(64 * megabyte)}"}`);

let server: Server;
let origin: string;
/** Bytes written of the answer that never ends, and whether its reader went away. */
const endless = { written: 0, closed: false };

beforeAll(async () => {
  server = createServer((request, response) => {
    const status = Number(/\d{3}/.exec(request.url ?? "")?.[0] ?? 200);
    const json = { "content-type": "application/json" };
    if (request.url?.startsWith("/bomb")) {
      response.writeHead(status, { ...json, "content-encoding": "gzip" }).end(bomb);
    } else if (request.url === "/endless") {
      response.writeHead(200, json);
      const write = (): void => {
        while (!endless.closed && response.write(Buffer.alloc(65_536, 32))) endless.written += 65_536;
      };
      response.on("drain", write).on("close", () => (endless.closed = true));
      write();
    } else if (request.url === "/hang") {
      // Nothing ever comes.
    } else if (request.url === "/hang-halfway") response.writeHead(200, json).write("{");
    else if (request.url === "/204") response.writeHead(204).end();
    else response.writeHead(status, json).end(JSON.stringify({ text: "ä".repeat(1000) }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const ask = (path: string, bytesMax: number) =>
  readAnswer({ name: "test", telemetry: noTelemetry }, (signal) => fetch(origin + path, { signal }), {
    timeoutMs: 5000,
    bytesMax,
  });

describe("an answer that does not come", () => {
  it.each(["/hang", "/hang-halfway"])(
    "is given up in time, whatever is collected meanwhile (%s)",
    async (path) => {
      const signal = new AbortController().signal;
      const asked = collectingGarbage(() =>
        readAnswer(
          { name: "test", telemetry: noTelemetry },
          (limited) => fetch(origin + path, { signal: limited }),
          { timeoutMs: 300, bytesMax: 4096 },
          signal,
        ),
      );
      await expect(asked).rejects.toMatchObject({
        code: "microsoft_unavailable",
        facts: { status: 0, reason: "timeout" },
      });
    },
  );
});

describe("an answer's body", () => {
  it("is read whole within the limit, whatever its characters", async () => {
    expect((await ask("/", 4096)).json).toEqual({ text: "ä".repeat(1000) });
    expect((await ask("/", 2011)).json).toEqual({ text: "ä".repeat(1000) });
    expect((await ask("/", 2010)).json).toBeUndefined();
  });
  it.each([200, 403, 503])(
    "of 64 MB in 65 KB of gzip costs less than itself at %i, and the status is known",
    async (status) => {
      expect(bomb.byteLength).toBeLessThan(70_000);
      let peak = 0;
      const before = process.memoryUsage().rss;
      const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 1);
      const answers = [];
      for (let n = 0; n < 5; n += 1) answers.push(await ask(`/bomb${status}`, answerBytesMax.graph));
      clearInterval(watch);
      for (const answer of answers) expect(answer).toMatchObject({ status, json: undefined });
      expect((Math.max(peak, process.memoryUsage().rss) - before) / megabyte).toBeLessThan(60);
    },
  );
  it("that never ends is left at the limit, and its connection closed", async () => {
    await expect(fetch(`${origin}/endless`).then((one) => readText(one, megabyte))).rejects.toThrow(
      AnswerTooLongError,
    );
    await expect.poll(() => endless.closed).toBe(true);
    expect(endless.written).toBeLessThan(16 * megabyte);
  });
});

describe("the fetch that libraries get", () => {
  const fetchLittle = boundedFetch(4096);
  it("passes on what is within the limit, and statuses without a body", async () => {
    const answer = await fetchLittle(`${origin}/401`, {});
    expect([answer.status, await answer.json()]).toEqual([401, { text: "ä".repeat(1000) }]);
    expect((await fetchLittle(`${origin}/204`, {})).status).toBe(204);
  });
  it("fails like a fetch where the answer is too long, also inside jose", async () => {
    await expect(fetchLittle(`${origin}/bomb200`, {})).rejects.toThrow(TypeError);
    const keys = createRemoteJWKSet(new URL(`${origin}/bomb200`), { [customFetch]: fetchLittle });
    await expect(keys({ alg: "RS256" })).rejects.toThrow(AnswerTooLongError);
  });
});
