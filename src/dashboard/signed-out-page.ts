import { html } from "hono/html";
import { layout, type Page } from "./layout.ts";
import { signedOutTexts } from "./texts.ts";

/** After a sign-out: Microsoft's own session goes on unless the person ends it too. */
export function signedOutPage(view: {
  application: string | undefined;
  backUrl: string;
  microsoftUrl: string;
}): Page {
  return layout({
    title: signedOutTexts.title,
    body: html`<h1>${signedOutTexts.title}</h1>
      <section class="card"><p>${signedOutTexts.explain(view.application)}</p></section>
      <p class="actions">
        <a class="button" href="${view.backUrl}">${signedOutTexts.back}</a>
        <a class="button plain" href="${view.microsoftUrl}" rel="noreferrer">${signedOutTexts.microsoft}</a>
      </p>`,
  });
}
