import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { clickConnect, inspect, openDashboard, type Setup, startSetup, untilConnected } from "./support.ts";

// One organization, two directories: each button reaches the directory that it stands for.

let setup: Setup;
let page: Page;
beforeAll(async () => {
  setup = await startSetup();
  await fetch(`${setup.stack.simulatorOrigin}/simulator/tenants`, {
    method: "POST",
    body: JSON.stringify({ name: "Fabrikam" }),
  });
  page = await openDashboard(setup);
  await clickConnect(page);
  await page.getByRole("radio", { name: /Global Administrator of Contoso/ }).check();
  await page.getByRole("button", { name: "Accept" }).click();
  await untilConnected(page);
});
afterAll(() => setup.stop());

const cards = () => page.getByRole("heading", { name: /^Microsoft, / }).count();
/** The administrator of the simulator's second directory. */
const acceptElsewhere = async (): Promise<void> => {
  await page.getByRole("radio", { name: /Global Administrator of Fabrikam/ }).check();
  await page.getByRole("button", { name: "Accept" }).click();
};

it("connecting again by another directory's administrator says which is which, and that nothing was lost", async () => {
  await page.getByRole("button", { name: "Connect again" }).click();
  await acceptElsewhere();
  await page
    .getByRole("heading", {
      name: "This attempt did not succeed: The approval came from another directory",
    })
    .waitFor();
  await page.getByText("Your existing connection was kept and works as before.").waitFor();
  expect(await page.getByText(/was not connected|Nothing was created/).count()).toBe(0);
  expect(await cards()).toBe(1);
  await inspect(page, "failed-other-directory");
});

it("a declined reconnect does not read as a lost connection", async () => {
  await page.getByRole("button", { name: "Connect again" }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page
    .getByRole("heading", { name: "This attempt did not succeed: The approval was declined" })
    .waitFor();
  await page.getByText("Your existing connection was kept and works as before.").waitFor();
});

it("another directory is added by its own button", async () => {
  await page.getByRole("button", { name: "Add another directory" }).click();
  await acceptElsewhere();
  await untilConnected(page);
  expect(await cards()).toBe(2);
  expect(await page.getByRole("button", { name: "Connect again" }).count()).toBe(2);
  await inspect(page, "connected-two-directories");
});
