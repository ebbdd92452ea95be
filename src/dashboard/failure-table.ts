import { html } from "hono/html";
import { type ErrorCode, factsOf } from "../domain/error-codes.ts";
import { cardTexts } from "./connection-texts.ts";
import type { Page } from "./layout.ts";

/** How often sign-ins were refused for a cause on a day. */
export interface FailureView {
  readonly day: string;
  readonly code: ErrorCode;
  readonly count: number;
}

/** Refused sign-ins by day and cause, folded away; nothing where there are none. */
export function failureTable(failures: readonly FailureView[]): Page | "" {
  if (failures.length === 0) return "";
  return html`<details>
    <summary>${cardTexts.failures}</summary>
    <ul>
      ${failures.map(
        ({ day, code, count }) =>
          html`<li>${day}: ${count} × ${factsOf(code).title} (<code>${code}</code>)</li>`,
      )}
    </ul>
    <p class="quiet">${cardTexts.failuresHint}</p>
  </details>`;
}
