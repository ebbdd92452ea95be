import { serve } from "@hono/node-server";
import { Hono } from "hono";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { developmentOrg, developmentUsers } from "../../src/embedded/development-sessions.ts";
import { freePort } from "../../src/embedded/free-port.ts";
import { accept, type Setup, startSetup } from "./support.ts";

// A dashboard on another site than the sso service (127.0.0.1 and localhost are two sites to a browser): start by CORS,
// confirmation by the starter's session.

let setup: Setup;
let dashboard: { origin: string; close(): void };

beforeAll(async () => {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  setup = await startSetup({
    AUTHIO_DASHBOARD_ORIGINS: origin,
    AUTHIO_MS_CONSENT_RETURN_HOSTS: "localhost,127.0.0.1",
    AUTHIO_MS_CONFIRM_HOSTS: "127.0.0.1",
  });
  const app = new Hono();
  app.get("*", (c) => c.html("<!doctype html><title>Another dashboard</title><h1>Another dashboard</h1>"));
  const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port });
  dashboard = { origin, close: () => void server.close() };
});
afterAll(async () => {
  dashboard.close();
  await setup.stop();
});

/** What that dashboard's own script would do. */
async function callFrom(
  page: Page,
  path: string,
  method: string,
  body?: object,
): Promise<Record<string, string>> {
  const token = await setup.stack.sessionOf(developmentUsers[0]);
  const url = `${setup.stack.appOrigin}/v1/session/orgs/${developmentOrg.id}/ms-provision${path}`;
  return page.evaluate(
    async ([url, method, token, body]) => {
      const answer = await fetch(url, {
        method,
        credentials: "include",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        ...(body === "" ? {} : { body }),
      });
      return (await answer.json()) as Record<string, string>;
    },
    [url, method, token, body === undefined ? "" : JSON.stringify(body)] as const,
  );
}

async function startFrom(page: Page): Promise<Record<string, string>> {
  await page.goto(`${dashboard.origin}/settings`);
  return callFrom(page, "/start", "POST", { return_to: `${dashboard.origin}/settings` });
}

it("connects from another site", async () => {
  const page = await (await setup.browser.newContext()).newPage();
  const { id, consent_url: consentUrl } = await startFrom(page);
  await page.goto(consentUrl ?? "");
  await accept(page);
  await page.waitForURL(/ms_confirm=/);
  const confirm = new URL(page.url()).searchParams.get("ms_confirm") ?? "";
  await callFrom(page, `/${id}/confirm`, "POST", { ms_confirm: confirm });
  await expect
    .poll(async () => (await callFrom(page, `/${id}`, "GET"))["status"], { timeout: 60_000 })
    .toBe("succeeded");
});

it("the mailed link gives the attacker nothing: the value stays in the victim's browser", async () => {
  const attacker = await (await setup.browser.newContext()).newPage();
  const { id, consent_url: consentUrl } = await startFrom(attacker);
  const victim = await (await setup.browser.newContext()).newPage();
  await victim.goto(consentUrl ?? "");
  await accept(victim);
  await victim.waitForURL(/ms_confirm=/);
  // The attacker repeats the approval's answer with the state it knows.
  const state = new URL(consentUrl ?? "").searchParams.get("state") ?? "";
  const tenant = "c0ffee00-1111-4222-8333-444455556666";
  const callback = new URL("/v1/sso/microsoft/consent/callback", setup.stack.appOrigin);
  callback.search = new URLSearchParams({ admin_consent: "True", tenant, state }).toString();
  await attacker.goto(callback.href);
  await attacker.getByRole("heading", { name: "This was started in another browser" }).waitFor();
  expect(attacker.url()).not.toMatch(/ms_confirm|state=|code=/);
  await attacker.goto(`${dashboard.origin}/settings`);
  expect((await callFrom(attacker, `/${id}`, "GET"))["status"]).toBe("refused");
});
