import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import type { AxeResults } from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { expect } from "vitest";
import { freePort } from "../../src/embedded/free-port.ts";
import { type Stack, startStack } from "../../src/embedded/stack.ts";
import type { Fault, Realism } from "../../src/simulator/options.ts";

const log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (message: string) => void process.stderr.write(`${message}\n`),
};

export interface Setup {
  readonly stack: Stack;
  readonly browser: Browser;
  /** How Microsoft behaves from now on; a call without arguments makes it behave. */
  behave(realism?: Partial<Realism>, faults?: readonly Fault[]): Promise<void>;
  stop(): Promise<void>;
}

/** The whole product on free ports and a Chromium; consent prompts are on, as in `npm start`. */
export async function startSetup(
  environment: Readonly<Record<string, string>> = {},
  uiPort?: number,
): Promise<Setup> {
  const ports = {
    app: await freePort(),
    simulator: await freePort(),
    temporal: await freePort(),
    sample: 0,
    ...(uiPort === undefined ? {} : { temporalUi: uiPort }),
  };
  const stack = await startStack({
    ports,
    dataFolder: undefined,
    realism: { consentPrompts: true },
    environment: { AUTHIO_CALLBACK_WAIT_MS: "3000", ...environment },
    log,
    tell: () => undefined,
  });
  const browser = await launch();
  const control = (knob: string, body: unknown) =>
    fetch(`${stack.simulatorOrigin}/simulator/${knob}`, { method: "PUT", body: JSON.stringify(body) });
  return {
    stack,
    browser,
    async behave(realism = {}, faults = []) {
      const usual = { applicationLagMs: 0, servicePrincipalLagMs: 0, listLagMs: 0, latencyMs: 0 };
      await control("realism", {
        ...usual,
        secretLifetimeMaxDays: null,
        consentPrompts: true,
        appRoles: ["Application.ReadWrite.All"],
        ...realism,
      });
      await control("faults", faults);
    },
    async stop() {
      await browser.close();
      await stack.stop();
    },
  };
}

async function launch(): Promise<Browser> {
  const candidates = [
    process.env["CHROMIUM_PATH"],
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  ];
  const executablePath = candidates.find((file) => file !== undefined && existsSync(file));
  if (!executablePath) throw new Error("No Chromium found. Install it, or set CHROMIUM_PATH.");
  // A container's root has no sandbox.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath, args });
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What must hold for each page: axe finds nothing serious in light and dark, and 320 px need no sideways scrolling. */
export async function inspect(page: Page, name: string): Promise<void> {
  const { SCREENSHOTS: folder } = process.env;
  if (folder) {
    mkdirSync(folder, { recursive: true });
    await page.screenshot({ path: path.join(folder, `${name}.png`), fullPage: true });
  }
  for (const colorScheme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    // Evaluated through the debugger, which the content security policy does not bind.
    await page.evaluate(axeSource);
    const results = await page.evaluate<AxeResults>("axe.run()");
    const serious = results.violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
    expect(serious, `${name}, ${colorScheme}`).toEqual([]);
  }
  const size = page.viewportSize() ?? { width: 1000, height: 800 };
  await page.setViewportSize({ width: 320, height: 640 });
  expect(
    await page.evaluate("document.documentElement.scrollWidth"),
    `${name} at 320 px`,
  ).toBeLessThanOrEqual(320);
  await page.setViewportSize(size);
}

/** A profile of its own, signed in to the dashboard as one of the development people. */
export async function openDashboard(
  setup: Setup,
  person = "Olivia Owner",
  options: { javaScriptEnabled?: boolean } = {},
) {
  const context = await setup.browser.newContext({ viewport: { width: 1000, height: 800 }, ...options });
  const page = await context.newPage();
  await page.goto(`${setup.stack.appOrigin}/`);
  await page.getByRole("button", { name: person }).click();
  await page.getByRole("heading", { name: "Single sign-on" }).waitFor();
  return page;
}

const button = /^Connect (Microsoft|again)$/;

/** Clicks the button and waits for Microsoft's page. */
export async function clickConnect(page: Page): Promise<void> {
  await page.getByRole("button", { name: button }).click();
  await page.waitForURL(/adminconsent/);
}

/** Follows the first link to the test sign-in, which opens a tab of its own. */
export async function openTest(page: Page): Promise<Page> {
  const [tab] = await Promise.all([
    page.waitForEvent("popup"),
    page.getByRole("link", { name: "Test the sign-in" }).first().click(),
  ]);
  return tab;
}

/** Presses Tab until what has the focus is called so. */
export async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press("Tab");
    const text = await page.evaluate("document.activeElement?.textContent ?? ''");
    if (name.test(String(text).trim())) return;
  }
  throw new Error(`the Tab key does not reach ${name}`);
}

export async function accept(page: Page, person = "Ada Admin"): Promise<void> {
  await page.getByRole("radio", { name: person }).check();
  await page.getByRole("button", { name: "Accept" }).click();
}

export async function untilConnected(page: Page, withinMs = 120_000): Promise<void> {
  await page.waitForURL(/ok=microsoft_connected/, { timeout: withinMs });
  await page.getByRole("heading", { name: "Microsoft connected" }).waitFor();
}
