import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import {
  accept,
  clickConnect,
  inspect,
  openDashboard,
  type Setup,
  startSetup,
  untilConnected,
} from "./support.ts";

let setup: Setup;
let page: Page;
beforeAll(async () => {
  setup = await startSetup();
});
afterAll(() => setup.stop());
afterEach(() => setup.behave());

async function untilFailed(title: string): Promise<void> {
  await page
    .getByRole("heading", { name: `Microsoft was not connected: ${title}` })
    .waitFor({ timeout: 120_000 });
}

it("a declined approval", async () => {
  page = await openDashboard(setup);
  await clickConnect(page);
  await page.getByRole("button", { name: "Cancel" }).click();
  await untilFailed("The approval was declined");
  await page.getByText("Details for support").click();
  expect(await page.locator(".support").innerText()).toMatch(
    /^Code: consent_declined\nRequest: mspr_\w+\nMicrosoft: AADSTS65004\nMicrosoft correlation id: [0-9a-f-]{36}\nTime: 2/,
  );
  await inspect(page, "failed-declined");
  await page.reload();
  await untilFailed("The approval was declined");
});

it.each([
  ["Max Member", "Microsoft wants a more privileged administrator"],
  ["Gina Guest", "Microsoft wants a more privileged administrator"],
])("an approval by %s", async (person, title) => {
  page = await openDashboard(setup);
  await clickConnect(page);
  await accept(page, person);
  await untilFailed(title);
});

it("a policy that forbids secrets, with Microsoft's page for whoever must act", async () => {
  await setup.behave({ secretLifetimeMaxDays: 0 });
  page = await openDashboard(setup);
  await clickConnect(page);
  await accept(page);
  await untilFailed("Your directory forbids client secrets");
  expect(await page.getByText("Your Entra administrator:").count()).toBe(1);
  expect(await page.getByRole("link", { name: "Microsoft’s documentation" }).getAttribute("href")).toContain(
    "configure-app-management-policies",
  );
  await inspect(page, "failed-policy");
});

it("a directory without room", async () => {
  await setup.behave({}, [
    { call: "instantiate", kind: "answer", status: 403, code: "Directory_QuotaExceeded", times: 99 },
  ]);
  page = await openDashboard(setup);
  await clickConnect(page);
  await accept(page);
  await untilFailed("Your directory is full");
});

it("another browser than the one that started: the mailed link", async () => {
  page = await openDashboard(setup);
  await clickConnect(page);
  const victim = await (await setup.browser.newContext({ viewport: { width: 1000, height: 800 } })).newPage();
  await victim.goto(page.url());
  await accept(victim);
  await victim.getByRole("heading", { name: "This was started in another browser" }).waitFor();
  expect(victim.url()).not.toMatch(/state=|code=|tenant=/);
  await inspect(victim, "wrong-browser");
  // The state is burned: the attacker's own browser gets nothing either.
  await page.getByRole("button", { name: "Accept" }).click();
  await untilFailed("This was started in another browser");
  await page.goto(`${setup.stack.appOrigin}/`);
  expect(await page.getByRole("link", { name: "Test the sign-in" }).count()).toBe(0);
});

it("a sign-in that a policy refuses says so and leads on to the application", async () => {
  page = await openDashboard(setup);
  await clickConnect(page);
  await accept(page);
  await untilConnected(page);
  const user = await (await setup.browser.newContext({ viewport: { width: 1000, height: 800 } })).newPage();
  const signInUrl =
    (await page
      .locator(".card")
      .getByRole("link", { name: "Test the sign-in" })
      .first()
      .getAttribute("href")) ?? "";
  // An answer in the fragment reaches no server, and would be carried from page to page.
  await user.goto(`${signInUrl.replace(/initiate$/, "callback")}#code=canary`);
  expect(user.url()).not.toContain("canary");
  await user.goto(signInUrl);
  await inspect(user, "simulator-sign-in");
  await user.getByRole("button", { name: "Paula Policy" }).click();
  await user.getByRole("heading", { name: "A policy of your directory blocked the sign-in" }).waitFor();
  expect(await user.getByRole("link", { name: "AADSTS53003" }).count()).toBe(1);
  await inspect(user, "sign-in-refused");
  await user.getByRole("link", { name: "Go to the application" }).click();
  // The simulated Microsoft still has Paula's session, so that the application is told the same.
  await user.getByRole("heading", { name: "Notes" }).waitFor();
  expect(new URL(user.url()).origin).toBe(setup.stack.sampleOrigin);
  await user.getByRole("alert").waitFor();
});

it("an address that was made up", async () => {
  page = await openDashboard(setup);
  // Also what only the browser sees: an answer can be asked for in the fragment, and redirects carry that along.
  await page.goto(
    `${setup.stack.appOrigin}/v1/sso/microsoft/consent/callback?admin_consent=True&state=canary#code=canary`,
  );
  await page.getByRole("heading", { name: "This answer connects nothing" }).waitFor();
  expect(page.url()).not.toContain("canary");
  await inspect(page, "malformed-callback");
  expect((await page.reload())?.status()).toBe(400);
  await page.getByRole("heading", { name: "This answer connects nothing" }).waitFor();
});
