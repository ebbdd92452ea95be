import { afterAll, beforeAll, expect, it } from "vitest";
import {
  accept,
  clickConnect,
  inspect,
  openDashboard,
  openTest,
  type Setup,
  startSetup,
  tabTo,
  untilConnected,
} from "./support.ts";

let setup: Setup;
beforeAll(async () => {
  setup = await startSetup();
});
afterAll(() => setup.stop());

it("button, consent, back, connected, sign-in: every page looked at", async () => {
  const context = await setup.browser.newContext({ viewport: { width: 1000, height: 800 } });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(error.message));
  await page.goto(`${setup.stack.appOrigin}/`);
  await inspect(page, "development-sign-in");
  await page.getByRole("button", { name: "Olivia Owner" }).click();
  await inspect(page, "organization");
  await clickConnect(page);
  await inspect(page, "simulator-consent");
  // Whose domain it is, Microsoft says after the page is there.
  await setup.behave({ latencyMs: 400 });
  await accept(page);
  await untilConnected(page);
  const card = page.locator("section[id^=sso_]");
  expect(await card.getByRole("heading", { level: 3 }).innerText()).toMatch(/^Microsoft, c0ffee00-/);
  await card.getByText("Change who may sign in").click();
  await card.getByRole("heading", { name: "Microsoft, contoso.example", exact: true }).waitFor();
  await card.getByText("contoso.example (verified)", { exact: true }).waitFor();
  expect(await card.getAttribute("aria-label")).toBe("Microsoft, contoso.example");
  expect(await card.getByRole("radio", { name: "Assigned users only" }).isVisible()).toBe(true);
  await card.getByText("Change who may sign in").click();
  await setup.behave();
  await inspect(page, "connected");
  const signInUrl =
    (await page.getByRole("link", { name: "Test the sign-in" }).first().getAttribute("href")) ?? "";

  const tab = await openTest(page);
  tab.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  await inspect(tab, "simulator-consent-prompt");
  await tab.getByRole("button", { name: "Accept" }).click();
  await tab.getByRole("heading", { name: "Signed in with Microsoft" }).waitFor();
  expect(await tab.getByText("ada@contoso.example (verified)").count()).toBe(1);
  // The spent code stays neither in the address bar nor in the history.
  expect(new URL(tab.url()).search).toBe("");
  // An administrator's own sign-in does not show whether the others get in.
  await tab.getByRole("listitem").filter({ hasText: "Whether others get in is not known yet" }).waitFor();
  await inspect(tab, "signed-in");
  await tab.reload();
  await tab.getByRole("heading", { name: "Signed in with Microsoft" }).waitFor();

  await tab.getByRole("link", { name: "Back to the dashboard" }).click();
  await tab.getByRole("heading", { name: "Single sign-on" }).waitFor();
  await tab.close();
  await page.goto(`${setup.stack.appOrigin}/`);
  await page.getByRole("link", { name: "Consent for all users" }).click();
  await accept(page);
  await page.getByRole("heading", { name: "Accepted for all users" }).waitFor();
  await inspect(page, "consented-for-all");
  // That page says what Microsoft reported; the first user who gets through shows that it is so.
  const user = await (await setup.browser.newContext()).newPage();
  await user.goto(new URL(signInUrl, setup.stack.appOrigin).href);
  await user.getByRole("button", { name: "Max Member" }).click();
  await user.getByRole("heading", { name: "Signed in with Microsoft" }).waitFor();
  await user.getByText("get in without being stopped by Microsoft").waitFor();
  await page.goto(`${setup.stack.appOrigin}/`);
  expect(await page.getByText("Users will meet a consent prompt").count()).toBe(0);
  expect(problems).toEqual([]);
});

it("people sign in to the sample application, find their notes again, and sign out", async () => {
  const page = await openDashboard(setup);
  await clickConnect(page);
  await accept(page);
  await untilConnected(page);
  const trySample = page.getByRole("link", { name: "Try it: sign in to the sample application" });
  await trySample.click();
  // Ada is signed in at Microsoft, and has accepted the application or is asked to.
  const acceptIt = page.getByRole("button", { name: "Accept" });
  const signOut = page.getByRole("button", { name: "Sign out" });
  await acceptIt.or(signOut).first().waitFor();
  if (await acceptIt.isVisible()) await acceptIt.click();
  await page.getByText("You are Ada Admin").waitFor();
  expect(new URL(page.url()).origin).toBe(setup.stack.sampleOrigin);
  expect(new URL(page.url()).search).toBe("");
  await page.getByLabel("New note").fill("Order <b>paper</b>");
  await page.getByRole("button", { name: "Add" }).click();
  await page.getByText("Order <b>paper</b>").waitFor();
  await inspect(page, "sample-application");
  await signOut.click();
  await page.getByRole("link", { name: "Sign out of Microsoft" }).waitFor();
  await inspect(page, "signed-out");
  await page.getByRole("link", { name: "Continue" }).click();
  await page.getByRole("link", { name: "Sign in with Microsoft" }).waitFor();
  expect(new URL(page.url()).origin).toBe(setup.stack.sampleOrigin);
  await page.getByRole("link", { name: "Sign in with Microsoft" }).click();
  await page.getByText("Order <b>paper</b>").waitFor();
});

it("a guest who signs in is offered nothing that only an administrator can do, and finds the way back", async () => {
  const page = await openDashboard(setup);
  await clickConnect(page);
  await accept(page);
  await untilConnected(page);
  await page.context().clearCookies({ domain: "127.0.0.1" });
  const tab = await openTest(page);
  await tab.getByRole("button", { name: "Cancel" }).waitFor();
  await tab.getByRole("button", { name: "Gina Guest" }).click();
  await tab.getByRole("heading", { name: "Signed in with Microsoft" }).waitFor();
  expect(await tab.getByText(/consent/i).count()).toBe(0);
  await tab
    .getByRole("listitem")
    .filter({ hasText: /A guest of this directory.*would be refused/s })
    .waitFor();
  expect(await tab.getByText(/\(tid\)|\(oid\)/).count()).toBe(0);
  await tab.getByRole("link", { name: "Back to the dashboard" }).click();
  await tab.getByRole("heading", { name: "Single sign-on" }).waitFor();
});

it("Microsoft's page and ours name the permission that is asked for, and the application by its real name", async () => {
  await setup.behave({ appRoles: ["Application.ReadWrite.OwnedBy"] });
  const page = await openDashboard(setup);
  await page.getByText("What will be created in your directory").click();
  await page.getByText("One application named “Authio SSO – Acme Ltd”").waitFor();
  expect(await page.getByText(/your organization”|Read and write all applications|sealed/i).count()).toBe(0);
  await clickConnect(page);
  await page.getByText("Manage apps that this app creates or owns").waitFor();
  expect(await page.getByText("Read and write all applications").count()).toBe(0);
  await setup.behave();
});

it("the simulator shows what was made", async () => {
  const page = await (await setup.browser.newContext({ viewport: { width: 1000, height: 800 } })).newPage();
  await page.goto(`${setup.stack.simulatorOrigin}/`);
  await inspect(page, "simulator-home");
  await page.getByRole("link", { name: "Contoso" }).click();
  await page.getByRole("heading", { name: "Authio SSO – Acme Ltd" }).waitFor();
  await page.getByText("addPassword").first().waitFor();
  await inspect(page, "simulator-tenant");
  await page.goto(`${setup.stack.simulatorOrigin}/`);
  await page.getByRole("radio", { name: "Secrets forbidden" }).check();
  await page.getByRole("button", { name: "Apply" }).click();
  expect(await page.getByRole("radio", { name: "Secrets forbidden" }).isChecked()).toBe(true);
  await setup.behave();
});

it("the API reference reads well, its details open, and leads from a call to its shapes", async () => {
  const context = await setup.browser.newContext({ viewport: { width: 1000, height: 800 } });
  const page = await context.newPage();
  await page.goto(`${setup.stack.appOrigin}/docs`);
  await page.locator("#startProvision summary").click();
  await inspect(page, "api-reference");
  await page.locator("#startProvision").getByRole("link", { name: "Started" }).click();
  expect(new URL(page.url()).hash).toBe("#shape-Started");
  await context.close();
});

it("works without script", async () => {
  await setup.behave({ applicationLagMs: 5000 });
  const page = await openDashboard(setup, "Adam Admin", { javaScriptEnabled: false });
  await clickConnect(page);
  await page.getByRole("button", { name: "Accept" }).click();
  await untilConnected(page);
  await setup.behave();
});

it("works with the keyboard alone", async () => {
  const page = await openDashboard(setup);
  await tabTo(page, /^Skip to the content$/);
  await page.keyboard.press("Enter");
  await tabTo(page, /^Connect again$/);
  await page.keyboard.press("Enter");
  await page.waitForURL(/adminconsent/);
  await tabTo(page, /^Accept$/);
  await page.keyboard.press("Enter");
  await untilConnected(page);
});

it("a double click starts one attempt, and the button works again after Back", async () => {
  const page = await openDashboard(setup);
  const starts: string[] = [];
  page.on("request", (request) => request.url().endsWith("/dev/connect") && starts.push(request.url()));
  await page.getByRole("button", { name: "Connect again" }).dblclick();
  await page.waitForURL(/adminconsent/);
  expect(starts).toHaveLength(1);
  await page.goBack();
  await page.getByRole("heading", { name: "Single sign-on" }).waitFor();
  await clickConnect(page);
  await page.getByRole("button", { name: "Accept" }).dblclick();
  await untilConnected(page);
  // Back over the finished approval and its callback ends at the same answer, by reload too.
  await page.goBack();
  await page.goForward();
  await page.reload();
  await page.getByRole("heading", { name: "Microsoft connected" }).waitFor();
});

it("an attempt that was left is shown to the owner, who cancels it", async () => {
  const page = await openDashboard(setup, "Adam Admin");
  await clickConnect(page);
  const consentUrl = page.url();
  const owner = await openDashboard(setup);
  await owner.getByText("Started by user_adam, open until").waitFor();
  await inspect(owner, "open-attempt");
  while ((await owner.getByRole("button", { name: "Cancel this attempt" }).count()) > 0) {
    await owner.getByRole("button", { name: "Cancel this attempt" }).first().click();
    await owner.getByRole("heading", { name: "Single sign-on" }).waitFor();
  }
  await page.goto(consentUrl);
  await accept(page);
  await page
    .getByRole("heading", { name: "This attempt did not succeed: Your organization stopped this attempt" })
    .waitFor();
});

it("a member sees why the button is not for them", async () => {
  const page = await openDashboard(setup, "Maria Member");
  expect(await page.getByRole("button", { name: /^Connect/ }).isDisabled()).toBe(true);
  await page.getByText("Ask an owner or admin of your organization.").waitFor();
  expect(await page.getByText("Consent for all users").count()).toBe(0);
  await inspect(page, "organization-member");
});
