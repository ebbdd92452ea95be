import { html } from "hono/html";
import { layout, type Page } from "./layout.ts";
import { whichApplicationTexts } from "./texts.ts";

/** Where several applications could be meant: each begins a sign-in of its own. */
export function whichApplicationPage(choices: readonly { name: string; url: string }[]): Page {
  return layout({
    title: whichApplicationTexts.title,
    body: html`<h1>${whichApplicationTexts.title}</h1>
      <section class="card"><p>${whichApplicationTexts.explain}</p></section>
      <p class="actions">
        ${choices.map(({ name, url }) => html`<a class="button plain" href="${url}" rel="noreferrer">${name}</a>`)}
      </p>`,
  });
}
