import { readFileSync } from "node:fs";
import { html } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";

export type Page = HtmlEscapedString | Promise<HtmlEscapedString>;

export const stylesheet = readFileSync(new URL("./assets/simulator.css", import.meta.url), "utf8");
export const stylesheetPath = "/simulator/style.css";

/** Every page says first that it is not Microsoft's. */
export function layout(title: string, body: Page, isDialog = false): Page {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="${stylesheetPath}" />
        <title>${title} – Entra simulator</title>
      </head>
      <body>
        <p class="simulator">This is a simulator. It is not Microsoft.</p>
        <main class="${isDialog ? "dialog" : ""}">${body}</main>
      </body>
    </html>`;
}
