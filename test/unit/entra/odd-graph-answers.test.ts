import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { clouds } from "../../../src/domain/clouds.ts";
import type { AppObjectId, EntraTenantId } from "../../../src/domain/ids.ts";
import { noTelemetry } from "../../../src/domain/telemetry.ts";
import { type GraphApplications, graphApplications } from "../../../src/entra/graph-applications.ts";

// What Graph and what is in front of it may write in more ways than one.

const id = "aaaaaaaa-1111-4111-8111-aaaaaaaaaaaa" as AppObjectId;
const byUs = "BBBBBBBB-1111-4111-8111-BBBBBBBBBBBB";
const { applicationTemplateId } = clouds.global;
const application = {
  "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#applications/$entity",
  id,
  appId: id,
  displayName: "name",
  applicationTemplateId,
  createdDateTime: "2026-11-29T12:00:00Z",
  createdByAppId: byUs.toLowerCase(),
  tags: ["mark"],
  passwordCredentials: [{ keyId: id, displayName: "mark.1", startDateTime: "2026-11-29T12:00:00.1234567Z" }],
};

let body = "";
let server: Server;
let applications: GraphApplications;
beforeAll(async () => {
  server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "application/json;odata.metadata=minimal;charset=utf-8" });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const graphOrigin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  applications = graphApplications({
    telemetry: noTelemetry,
    cloud: { ...clouds.global, graphOrigin },
    tokens: { get: async () => "token", holdsRole: async () => true, drop: () => undefined },
    gates: { enter: async () => async () => undefined },
    tenantId: id as string as EntraTenantId,
  });
});
afterAll(() => server.close());

it.each([
  ["as it mostly is", JSON.stringify(application)],
  ["ids in upper case", JSON.stringify({ ...application, id: id.toUpperCase(), createdByAppId: byUs })],
  [
    "the template's id in upper case",
    JSON.stringify(application).replace(applicationTemplateId, (one) => one.toUpperCase()),
  ],
  ["a byte order mark", `\uFEFF${JSON.stringify(application)}`],
  ["null for lists", JSON.stringify({ ...application, passwordCredentials: null, keyCredentials: null })],
  [
    "dates of the year 9999, and of none",
    JSON.stringify({
      ...application,
      createdDateTime: "9999-12-31T23:59:59.9999999Z",
      passwordCredentials: [
        { keyId: id, startDateTime: null },
        { keyId: id, startDateTime: "0001-01-01T00:00:00Z" },
      ],
    }),
  ],
  [
    "an offset in place of Z",
    JSON.stringify({ ...application, createdDateTime: "2026-11-29T13:00:00.12+01:00" }),
  ],
])("finds the application: %s", async (_name, one) => {
  body = one;
  expect(await applications.find(id)).toMatchObject({
    id,
    applicationTemplateId,
    createdByAppId: byUs.toLowerCase(),
  });
  body = `{"value":[${one.replace("\uFEFF", "")}],"@odata.nextLink":null,"@odata.count":1}`;
  expect(await applications.findByMark({ displayName: "other", tag: "mark" })).toMatchObject([{ id }]);
});

it.each(["", "null", "[]", "{}", '{"value":null}', '{"value":{}}', "<html>", '{"value":[{}]}'])(
  "does not take %j for an empty list",
  async (odd) => {
    body = odd;
    await expect(applications.findByMark({ displayName: "other", tag: "mark" })).rejects.toMatchObject({
      code: "microsoft_unavailable",
    });
  },
);
