import { html } from "hono/html";
import { layout, type Page } from "./layout.ts";
import { startingTexts } from "./texts.ts";

/** Shown until the product has started. It looks again each second: at its own address, or after a form at the first page. */
export function startingPage(isRepeatable: boolean): Page {
  return layout({
    title: startingTexts.title,
    head: html`<meta http-equiv="refresh" content="${isRepeatable ? "1" : "1; url=/"}" />`,
    body: html`<h1>${startingTexts.title}</h1>
      <section class="card"><p role="status">${startingTexts.text}</p></section>`,
  });
}
