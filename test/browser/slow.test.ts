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
beforeAll(async () => {
  setup = await startSetup({ AUTHIO_CALLBACK_WAIT_MS: "500" });
});
afterAll(() => setup.stop());
afterEach(() => setup.behave());

it("Microsoft lags 20 s: steps live, slowness said, tab may be reloaded, left, doubled and closed", async () => {
  await setup.behave({ applicationLagMs: 20_000, listLagMs: 20_000, servicePrincipalLagMs: 20_000 });
  const page = await openDashboard(setup);
  await clickConnect(page);
  await accept(page);
  await page.waitForURL(/provisions\/mspr_/);
  await page.getByText("You may close this page").waitFor();
  await page.locator("[data-step=instantiateApplication][data-state=done]").waitFor();
  await inspect(page, "progress");
  const progressUrl = page.url();
  const second = await page.context().newPage();
  await second.goto(progressUrl);
  await page.reload();
  await page.getByText("Microsoft is slower than usual").waitFor({ timeout: 60_000 });
  await inspect(page, "progress-slow");
  // The dashboard knows of the attempt too.
  const dashboard = await page.context().newPage();
  await dashboard.goto(`${setup.stack.appOrigin}/`);
  await dashboard.getByRole("heading", { name: "Connecting Microsoft" }).waitFor();
  await inspect(dashboard, "organization-running");
  await dashboard.close();
  await untilConnected(page);
  await untilConnected(second);
  // A kept address of the settled progress page leads forward again.
  await second.goto(progressUrl);
  await untilConnected(second);
});

it("a fourth tab is refused a stream, asks instead, and ends like the others", async () => {
  await setup.behave({}, [{ call: "patchApplication", kind: "answer", status: 503, times: 5 }]);
  const page = await openDashboard(setup);
  await clickConnect(page);
  await accept(page);
  await page.waitForURL(/provisions\/mspr_/);
  const tabs = [page];
  const refused: string[] = [];
  const asked: string[] = [];
  for (let count = 2; count <= 5; count += 1) {
    const tab = await page.context().newPage();
    tab.on("response", (answer) => {
      if (answer.status() === 429) refused.push(answer.url());
      if (answer.request().headers()["accept"] === "application/json") asked.push(answer.url());
    });
    await tab.goto(page.url());
    tabs.push(tab);
  }
  await expect.poll(() => asked.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(2);
  expect(refused).toHaveLength(2);
  expect(refused[0]).toMatch(/\/events$/);
  for (const tab of tabs)
    expect(await tab.getByText("The live view was interrupted").isVisible()).toBe(false);
  await Promise.all(tabs.map((tab) => untilConnected(tab)));
});

it("goes on by polling where event streams are swallowed, and after a lost connection", async () => {
  await setup.behave({}, [{ call: "patchApplication", kind: "answer", status: 503, times: 4 }]);
  const page = await openDashboard(setup);
  await page.route("**/events", (route) => route.abort());
  await clickConnect(page);
  await accept(page);
  await page.waitForURL(/provisions\/mspr_/);
  await page.context().setOffline(true);
  await page.getByText("The live view was interrupted").waitFor();
  await page.context().setOffline(false);
  await untilConnected(page);
  expect(await page.getByRole("link", { name: "Test the sign-in" }).count()).toBeGreaterThan(0);
});
