import { expect } from "vitest";
import type { Browser } from "../../src/embedded/browser.ts";

/**
 * Opens a callback that must be refused for good: 303 to an address that holds nothing of it, where a page answers with
 * the code's status, again and again.
 */
export async function refusalOf(
  browser: Browser,
  callback: string,
): Promise<{ status: number; code: string | undefined; text: string; address: URL }> {
  const answer = await browser.request(callback);
  expect(answer.status).toBe(303);
  const address = new URL(answer.headers.get("location") ?? "");
  expect(address.origin).toBe(new URL(callback).origin);
  expect(address.pathname).toMatch(/\/refused$/);
  // Else the browser would carry over the callback's own.
  expect(address.hash).not.toBe("");
  expect([...address.searchParams.keys()]).toEqual(["about"]);
  for (const value of new URL(callback).searchParams.values())
    if (value.length > 3) expect(decodeURIComponent(address.href)).not.toContain(value);
  const page = await browser.request(address);
  const text = await page.text();
  expect(page.headers.get("content-type")).toContain("text/html");
  expect((await browser.request(address)).status).toBe(page.status);
  return { status: page.status, code: /Code: (\w+)/.exec(text)?.[1], text, address };
}
