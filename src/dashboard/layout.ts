import { html } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import { assetUrls } from "./assets.ts";
import { layoutTexts } from "./texts.ts";

export type Page = HtmlEscapedString | Promise<HtmlEscapedString>;

/** The frame of every page: no inline script or style, so that the content security policy can forbid both. */
export function layout(view: {
  title: string;
  body: Page;
  /** Beside the product's name: organization and person, on the dashboard. */
  header?: Page;
  head?: Page;
}): Page {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <link rel="icon" href="${assetUrls["icon.svg"]}" type="image/svg+xml" />
        <link rel="stylesheet" href="${assetUrls["style.css"]}" />
        ${view.head ?? ""}
        <title>${view.title} – ${layoutTexts.product}</title>
      </head>
      <body>
        <a class="skip" href="#content">${layoutTexts.skip}</a>
        <header class="bar">
          <span class="brand"
            ><img src="${assetUrls["icon.svg"]}" alt="" width="24" height="24" />${layoutTexts.product}</span
          >
          ${view.header ?? ""}
        </header>
        <main id="content" tabindex="-1">${view.body}</main>
      </body>
    </html>`;
}

/** Facts in two columns. */
export function factList(facts: readonly (readonly [string, string | Page])[]): Page {
  return html`<dl class="facts">
    ${facts.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}
