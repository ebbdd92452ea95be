import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  accept,
  clickConnect,
  inspect,
  openDashboard,
  type Setup,
  startSetup,
  tabTo,
  untilConnected,
} from "./support.ts";

// The card of a connection: suspended, resumed and named by those who may, with the keyboard alone.

let setup: Setup;
let page: Page;
beforeAll(async () => {
  setup = await startSetup();
  page = await openDashboard(setup);
  await clickConnect(page);
  await accept(page);
  await untilConnected(page);
});
afterAll(() => setup.stop());

const card = (of: Page) => of.locator(".card").filter({ hasText: "Who may sign in" });

it("says who connected it, and its ids where they are asked for", async () => {
  await card(page)
    .getByText(/^by Olivia Owner on \d{4}-\d\d-\d\d$/)
    .waitFor();
  expect(await card(page).getByText("Application (client) id").isVisible()).toBe(false);
  await card(page).getByText("Ids and sign-in link").click();
  expect(await card(page).getByText("Application (client) id").isVisible()).toBe(true);
});

it("an admin suspends by keyboard: users are told whom to ask, members see it, and it is resumed", async () => {
  const signInUrl =
    (await card(page).getByRole("link", { name: "Test the sign-in" }).getAttribute("href")) ?? "";
  const admin = await openDashboard(setup, "Adam Admin");
  await tabTo(admin, /^Suspend sign-in$/);
  await admin.keyboard.press("Enter");
  await admin.getByRole("heading", { name: "Sign-in is suspended" }).waitFor();
  await admin.getByText("An owner or admin of Acme Ltd can resume it at any time.").waitFor();
  await inspect(admin, "connection-suspended");
  const user = await (await setup.browser.newContext()).newPage();
  await user.goto(signInUrl);
  await user
    .getByText("Ask an owner or admin of your organization in the application to resume it.")
    .waitFor();
  const member = await openDashboard(setup, "Maria Member");
  await member.getByRole("heading", { name: "Sign-in is suspended" }).waitFor();
  expect(await member.getByRole("button", { name: /sign-in|Save/ }).count()).toBe(0);
  await tabTo(admin, /^Resume sign-in$/);
  await admin.keyboard.press("Enter");
  await admin.getByText("Active: people can sign in").waitFor();
  await user.goto(signInUrl);
  await user.getByRole("button", { name: "Max Member" }).waitFor();
});

it("an owner renames it; an empty name is Microsoft's own again", async () => {
  await page.goto(`${setup.stack.appOrigin}/`);
  await tabTo(page, /^Rename$/);
  await page.keyboard.press("Enter");
  const name = page.getByLabel("Name", { exact: true });
  await name.fill("Head <b>office</b>");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: /^Head <b>office<\/b>, / }).waitFor();
  await page.getByText("Rename", { exact: true }).click();
  await inspect(page, "connection-renamed");
  await name.fill("");
  await page.getByRole("button", { name: "Save the name" }).click();
  await page.getByRole("heading", { name: /^Microsoft, / }).waitFor();
});

it("an owner disconnects it after typing its name, and restores it", async () => {
  await page.goto(`${setup.stack.appOrigin}/`);
  await tabTo(page, /^Disconnect$/);
  await page.keyboard.press("Enter");
  await page.getByText("Nobody has signed in within 30 days").waitFor();
  await inspect(page, "connection-disconnect");
  const confirmation = page.getByLabel("Type “Microsoft” to confirm").locator("visible=true");
  await confirmation.fill("microsoft");
  await page.keyboard.press("Enter");
  // The browser refuses what is not its name.
  expect(await confirmation.evaluate((input) => (input as HTMLInputElement).validity.patternMismatch)).toBe(
    true,
  );
  await confirmation.fill("Microsoft");
  await page.keyboard.press("Enter");
  await page.getByText("Disconnected: nobody can sign in with it any more").waitFor();
  const restore = page.getByRole("button", { name: "Restore the connection" });
  await untilThere(restore);
  await inspect(page, "connection-disconnected");
  await restore.click();
  await untilThere(page.getByText("Active: people can sign in"));
});

it("an owner releases our access after typing its name, and connecting it again mends it", async () => {
  await page.goto(`${setup.stack.appOrigin}/`);
  await tabTo(page, /^Release our access to the directory$/);
  await page.keyboard.press("Enter");
  await page.getByText("Enterprise applications, our app, Properties, Delete").waitFor();
  await inspect(page, "connection-release");
  await page.getByLabel("Type “Microsoft” to confirm").locator("visible=true").fill("Microsoft");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Our access is released" }).waitFor();
  await page.getByText("Our access to your directory was released").waitFor();
  await page.getByText("Active: people can sign in").waitFor();
  await inspect(page, "connection-released");
  await page.getByRole("button", { name: "Repair: connect again" }).click();
  await accept(page);
  await untilConnected(page);
  expect(await page.getByText("was released").count()).toBe(0);
});

/** Looks again until it is there: the card tells what is under way and does not follow it. */
async function untilThere(what: Locator): Promise<void> {
  for (let looks = 0; looks < 60 && !(await what.isVisible()); looks += 1) {
    await page.waitForTimeout(500);
    await page.goto(`${setup.stack.appOrigin}/`);
  }
  await what.waitFor();
}
