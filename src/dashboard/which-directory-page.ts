import { html } from "hono/html";
import { addressCharactersMax } from "../domain/entra-domain.ts";
import { layout, type Page } from "./layout.ts";
import { whichDirectoryTexts } from "./texts.ts";

/** Asks for the organization where the application did not say it. What the application sent travels along. */
export function whichDirectoryPage(view: {
  application: string;
  action: string;
  parameters: ReadonlyMap<string, string>;
  /** Something was said, and it led nowhere. */
  wasAsked: boolean;
  /** Where the application is told that nobody said it. */
  backUrl: string;
}): Page {
  const passedOn = [...view.parameters].filter(
    ([name]) => !["connection", "organization_id", "domain_hint"].includes(name),
  );
  return layout({
    title: whichDirectoryTexts.title,
    body: html`<h1>${whichDirectoryTexts.title}</h1>
      <section class="card">
        <p>${whichDirectoryTexts.explain(view.application)}</p>
        ${view.wasAsked ? html`<p role="alert">${whichDirectoryTexts.unknown}</p>` : ""}
        <form method="post" action="${view.action}">
          ${passedOn.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
          <label for="domain">${whichDirectoryTexts.domain}</label>
          <input
            id="domain"
            name="domain_hint"
            required
            maxlength="${addressCharactersMax}"
            autocomplete="email"
            autocapitalize="none"
            spellcheck="false"
          />
          <button class="button" type="submit">${whichDirectoryTexts.go}</button>
        </form>
      </section>
      <p class="actions">
        <a class="button plain" href="${view.backUrl}">${whichDirectoryTexts.back(view.application)}</a>
      </p>`,
  });
}
