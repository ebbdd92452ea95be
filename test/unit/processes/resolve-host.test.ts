import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createResolveHost } from "../../../src/processes/resolve-host.ts";

/** Of a question's name, its addresses; what is not there is never answered. */
const records = new Map([
  ["good.example A", "93.184.216.34"],
  ["good.example AAAA", "2606:2800:220:1::1"],
  ["half.example A", "93.184.216.34"],
]);
const asked: string[] = [];
const server = createSocket("udp4");
beforeAll(async () => {
  server.on("message", (message, { port, address }) => {
    const answer = answerTo(message);
    if (answer) server.send(answer, port, address);
  });
  await new Promise<void>((resolve) => server.bind(0, "127.0.0.1", resolve));
});
afterAll(() => void server.close());

const resolverOf = (timeoutMs?: number) =>
  createResolveHost([`127.0.0.1:${server.address().port}`], timeoutMs);

it("gives the addresses of both families in turns", async () => {
  expect(await resolverOf()("good.example.")).toEqual(["93.184.216.34", "2606:2800:220:1::1"]);
});

it("names that are never answered end in time and hold up nobody else's, in whatever way those are looked up", async () => {
  const hung = Array.from({ length: 50 }, (_, n) => resolverOf(800)(`n${n}.hangs.example`));
  const ends = Promise.allSettled(hung);
  const begunMs = Date.now();
  await lookup("localhost");
  await resolverOf()("good.example");
  expect(Date.now() - begunMs).toBeLessThan(700);
  for (const { status } of await ends) expect(status).toBe("rejected");
  expect(Date.now() - begunMs).toBeLessThan(3000);
});

it("takes the one family where the other is never answered", async () => {
  expect(await resolverOf(300)("half.example")).toEqual(["93.184.216.34"]);
});

it("asks nobody for this machine", async () => {
  for (const host of ["localhost", "LOCALHOST.", "app.localhost"])
    expect(await resolverOf()(host)).toEqual(["127.0.0.1", "::1"]);
  expect(asked.filter((name) => name.includes("localhost"))).toEqual([]);
});

/** RFC 1035, section 4: one question, and the one record that it has. */
function answerTo(message: Buffer): Buffer | undefined {
  const labels: string[] = [];
  let at = 12;
  for (let length = message.readUInt8(at); length > 0; length = message.readUInt8(at)) {
    labels.push(message.toString("latin1", at + 1, at + 1 + length));
    at += length + 1;
  }
  const isV6 = message.readUInt16BE(at + 1) === 28;
  const name = labels.join(".").toLowerCase();
  asked.push(name);
  const found = records.get(`${name} ${isV6 ? "AAAA" : "A"}`);
  if (found === undefined) return undefined;
  const address = isV6
    ? Buffer.from("26062800022000010000000000000001", "hex")
    : Buffer.from(found.split(".").map(Number));
  const record = Buffer.from([0xc0, 12, 0, isV6 ? 28 : 1, 0, 1, 0, 0, 0, 60, 0, address.length]);
  const head = Buffer.from([...message.subarray(0, 2), 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
  return Buffer.concat([head, message.subarray(12, at + 5), record, address]);
}
