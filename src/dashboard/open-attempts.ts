import { html } from "hono/html";
import type { Page } from "./layout.ts";
import { openAttemptTexts } from "./texts.ts";

/** An attempt that waits for Microsoft or for its confirmation, as the API lists it. Times are ISO-8601. */
export interface OpenAttempt {
  readonly id: string;
  readonly started_by: string;
  readonly expires_at: string;
}

/** What is open, each with the button that ends it; nothing where nothing is. */
export function openAttempts(attempts: readonly OpenAttempt[], cancelAction: string): Page | "" {
  if (attempts.length === 0) return "";
  return html`<section class="card" aria-label="${openAttemptTexts.title}">
    <h3>${openAttemptTexts.title}</h3>
    <p>${openAttemptTexts.hint}</p>
    ${attempts.map(
      (attempt) =>
        html`<form method="post" action="${cancelAction}" data-once>
          <input type="hidden" name="id" value="${attempt.id}" />
          <p id="${attempt.id}">
            ${openAttemptTexts.startedBy} ${attempt.started_by}, ${openAttemptTexts.until}
            ${attempt.expires_at.slice(11, 16)} UTC
          </p>
          <p class="actions">
            <button class="plain" aria-describedby="${attempt.id}">${openAttemptTexts.cancel}</button>
          </p>
        </form>`,
    )}
  </section>`;
}
