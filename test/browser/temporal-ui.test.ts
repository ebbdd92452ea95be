import { afterAll, beforeAll, it } from "vitest";
import { freePort } from "../../src/embedded/free-port.ts";
import { accept, clickConnect, openDashboard, type Setup, startSetup, untilConnected } from "./support.ts";

// What an operator sees at the link that npm start prints: one finished, one failed and one running provision.

let setup: Setup;
let uiPort: number;
beforeAll(async () => {
  uiPort = await freePort();
  setup = await startSetup({ AUTHIO_CALLBACK_WAIT_MS: "500" }, uiPort);
});
afterAll(() => setup.stop());

async function shot(name: string, address: string, texts: readonly string[]): Promise<void> {
  const page = await (await setup.browser.newContext({ viewport: { width: 1400, height: 900 } })).newPage();
  await page.goto(`http://127.0.0.1:${uiPort}/namespaces/default/workflows${address}`);
  for (const text of texts) await page.getByText(text).first().waitFor({ timeout: 60_000 });
  const { SCREENSHOTS: folder } = process.env;
  if (folder) await page.screenshot({ path: `${folder}/${name}.png` });
  await page.close();
}

it("reads well for a finished, a failed and a running provision", async () => {
  const page = await openDashboard(setup);
  const connect = async (): Promise<void> => {
    await clickConnect(page);
    await accept(page);
  };
  await connect();
  await untilConnected(page);
  await setup.behave({ secretLifetimeMaxDays: 0 });
  await connect();
  await page.getByRole("heading", { name: /did not succeed/ }).waitFor();
  const failed = new URL(page.url()).searchParams.get("request") ?? "";
  await setup.behave({}, [{ call: "patchApplication", kind: "answer", status: 503, times: 999 }]);
  await connect();
  await page.waitForURL(/provisions\/mspr_/);
  const running = page.url().split("/").at(-1) ?? "";
  await shot("temporal-list", "", [`ms-provision-${running}`, `ms-provision-${failed}`]);
  await shot("temporal-running", `/ms-provision-${running}`, ["Set redirect URI, claims and access"]);
  await shot("temporal-failed", `/ms-provision-${failed}`, ["Record the failure, close the fence"]);
  await setup.behave();
  await untilConnected(page);
  await shot("temporal-finished", `/ms-provision-${running}`, ["Write the active connection"]);
});
