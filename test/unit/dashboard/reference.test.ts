import { describe, expect, it } from "vitest";
import { openApiDocument } from "../../../src/api/contract/openapi-document.ts";
import { referenceView } from "../../../src/api/contract/reference-view.ts";
import { routes } from "../../../src/api/routes.ts";
import { referencePage } from "../../../src/dashboard/reference-page.ts";

const document = openApiDocument(
  routes.map(({ route }) => route),
  {
    ssoOrigin: "https://sso.example.com",
    managementOrigin: "https://api.example.com",
    sessionCookie: "authio_session",
  },
);
const view = referenceView(document, "/openapi.json");
const operationOf = (name: string) => {
  const found = view.chapters.flatMap(({ operations }) => operations).find((one) => one.name === name);
  if (!found) throw new Error(`${name} is not shown`);
  return found;
};

describe("the reference for people", () => {
  it("shows every operation and every shape, each at an address of its own", async () => {
    const page = String(await referencePage(view));
    for (const path of Object.keys(document.paths)) expect(page).toContain(path);
    const addresses = Array.from(page.matchAll(/ id="([\w-]+)"/g), ([, id]) => id);
    expect(new Set(addresses).size).toBe(addresses.length);
    const links = Array.from(page.matchAll(/ href="#([\w-]+)"/g), ([, id]) => id);
    expect(links.length).toBeGreaterThan(50);
    expect(links.filter((link) => !addresses.includes(link))).toEqual([]);
  });

  it("needs neither script nor style of its own", async () => {
    expect(String(await referencePage(view))).not.toMatch(/<script|<style| style=| on\w+=|src="http/);
  });

  it("says what a call takes: parameters, fields of a body, which are optional", () => {
    const { parameters, body, security } = operationOf("startProvision");
    expect(parameters).toMatchObject([{ name: "orgId", isRequired: true }]);
    expect(body).toContainEqual({
      name: "access",
      isRequired: false,
      type: { text: "everyone or assigned" },
      description: expect.stringContaining("Who may use") as string,
    });
    expect(security).toEqual([
      expect.stringMatching(/^`sessionBearer`: A dashboard session/),
      expect.stringMatching(/^`sessionCookie`: The same session/),
    ]);
    expect(operationOf("replayWebhook").body.map(({ name }) => name)).toEqual(["delivery_id", "from", "to"]);
  });

  it("says what comes back: shapes by name, fields within fields, each code on a line", () => {
    const { answers } = operationOf("startProvision");
    expect(answers.find(({ status }) => status === "201")?.contents).toEqual([
      { mediaType: "application/json", type: { text: "Started", shape: "Started" } },
    ]);
    expect(answers.find(({ status }) => status === "429")?.lines).toEqual([
      expect.stringContaining("`too_many_open_requests`"),
      expect.stringContaining("`daily_limit_reached`"),
    ]);
    const shape = view.shapes.find(({ name }) => name === "Availability");
    expect(shape?.fields).toContainEqual(
      expect.objectContaining({ name: "open_requests[].expires_at", type: { text: "string, date-time" } }),
    );
    expect(shape?.fields).toContainEqual(
      expect.objectContaining({
        name: "connections",
        type: { text: "list of Connection", shape: "Connection" },
      }),
    );
  });
});
