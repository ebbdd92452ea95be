import { afterAll, beforeAll, expect, it } from "vitest";
import {
  accept,
  clickConnect,
  inspect,
  openDashboard,
  type Setup,
  startSetup,
  untilConnected,
} from "./support.ts";

// The audit trail in the dashboard.

let setup: Setup;
beforeAll(async () => void (setup = await startSetup()));
afterAll(() => setup.stop());

it("an owner reads what happened, chooses a time and exports it; a member may not", async () => {
  const page = await openDashboard(setup);
  await clickConnect(page);
  await accept(page);
  await untilConnected(page);
  await page.getByRole("link", { name: "Audit" }).click();
  await page.getByRole("heading", { name: "Done: the connection is live" }).waitFor();
  await inspect(page, "audit");
  // Forced colours paint every line that there is.
  const tabsWithLine =
    "[...document.querySelectorAll('.tabs a')].filter((tab) => getComputedStyle(tab).borderBottomWidth !== '0px').map((tab) => tab.textContent)";
  expect(await page.evaluate(tabsWithLine)).toEqual(["Audit"]);
  const downloading = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export as CSV" }).click();
  expect((await downloading).suggestedFilename()).toBe("audit.csv");
  await page.getByLabel("From").fill("2020-01-01");
  await page.getByLabel("To").fill("2020-01-31");
  await page.getByRole("button", { name: "Show" }).click();
  await page.getByText("Nothing happened in this time.").waitFor();
  const today = new Date().toISOString().slice(0, 10);
  await page.getByLabel("To").fill(today);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Done: the connection is live" }).waitFor();
  const member = await openDashboard(setup, "Maria Member");
  await member.getByRole("link", { name: "Audit" }).click();
  await member.getByRole("alert").waitFor();
});
