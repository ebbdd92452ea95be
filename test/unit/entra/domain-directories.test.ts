import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { clouds } from "../../../src/domain/clouds.ts";
import { noTelemetry } from "../../../src/domain/telemetry.ts";
import { createDomainDirectories, type DomainDirectories } from "../../../src/entra/domain-directories.ts";

const tenantId = "11111111-2222-4333-8444-555555555555";
let server: Server;
let origin: string;
let asked: string[] = [];
let status = 200;
let directories: DomainDirectories;
beforeAll(async () => {
  server = createServer((request, response) => {
    const domain = request.url?.split("/")[1] ?? "";
    asked.push(domain);
    const isKnown = domain.startsWith("ours");
    const refused = domain.startsWith("odd")
      ? { error: "invalid_request", error_description: "AADSTS900023: x", error_codes: [900_023] }
      : { error: "invalid_tenant", error_description: "AADSTS90002: x", error_codes: [90_002] };
    const elsewhere = { gov: "https://login.microsoftonline.us", evil: "https://login.evil.example" };
    const [, host] = Object.entries(elsewhere).find(([name]) => domain.startsWith(name)) ?? [];
    const isTold = isKnown || host !== undefined;
    const body = isTold ? { issuer: `${host ?? origin}/${tenantId}/v2.0` } : refused;
    response.writeHead(isTold || status !== 200 ? status : 400, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  [asked, status] = [[], 200];
  const cloud = { ...clouds.global, loginOrigin: origin };
  directories = createDomainDirectories({ cloud, telemetry: noTelemetry });
});
afterAll(() => server.close());

it("a domain is asked for once, however many name it", async () => {
  const answers = await Promise.all(
    Array.from({ length: 30 }, () => directories.tenantOf("ours.example", "10.0.0.1")),
  );
  expect([...new Set(answers)]).toEqual([tenantId]);
  expect(await directories.tenantOf("theirs.example", "10.0.0.1")).toBeUndefined();
  expect(await directories.tenantOf("theirs.example", "10.0.0.1")).toBeUndefined();
  expect(asked).toEqual(["ours.example", "theirs.example"]);
});

it("an address can have twenty asked for, and holds up nobody else, nor what is known", async () => {
  await directories.tenantOf("ours.example", "10.0.0.2");
  await Promise.all(
    Array.from({ length: 20 }, (_, guess) => directories.tenantOf(`guess-${guess}.example`, "10.0.0.1")),
  );
  await expect(directories.tenantOf("one-more.example", "10.0.0.1")).rejects.toMatchObject({
    code: "too_many_unknown_organizations",
    retryAfterMs: expect.any(Number) as number,
  });
  expect(await directories.tenantOf("ours.example", "10.0.0.1")).toBe(tenantId);
  expect(await directories.tenantOf("ours-too.example", "10.0.0.2")).toBe(tenantId);
  expect(asked).not.toContain("one-more.example");
});

it("many addresses together reach Microsoft a hundred times at once", async () => {
  const guesses = Array.from({ length: 150 }, (_, guess) =>
    directories.tenantOf(`guess-${guess}.example`, `10.0.${guess}.1`).then(
      () => "asked",
      (error: { code?: string }) => error.code,
    ),
  );
  const ends = await Promise.all(guesses);
  const refused = ends.filter((end) => end === "service_unavailable").length;
  expect(refused).toBeGreaterThan(30);
  expect(refused).toBeLessThanOrEqual(50);
  expect(asked).toHaveLength(150 - refused);
});

it("what Microsoft takes for no domain is nobody's", async () => {
  expect(await directories.tenantOf("odd.example", "10.0.0.1")).toBeUndefined();
});

it("a directory of another cloud is none here; any other issuer says nothing", async () => {
  expect(await directories.tenantOf("gov.example", "10.0.0.1")).toBeUndefined();
  await expect(directories.tenantOf("evil.example", "10.0.0.1")).rejects.toMatchObject({
    code: "service_unavailable",
  });
});

it("nobody knows while Microsoft is away, and it is asked again", async () => {
  status = 503;
  await expect(directories.tenantOf("ours.example", "10.0.0.1")).rejects.toMatchObject({
    code: "service_unavailable",
  });
  status = 200;
  await expect
    .poll(() => directories.tenantOf("ours.example", "10.0.0.1").catch(() => "away"))
    .toBe(tenantId);
});
