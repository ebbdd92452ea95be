import { html } from "hono/html";
import { type AttentionCode, factsOfAttention } from "../domain/attention.ts";
import { attentionTexts } from "./connection-texts.ts";
import type { Page } from "./layout.ts";
import { whoTexts } from "./texts.ts";

/** What needs a person, as the API says it. Times are ISO-8601. */
export interface AttentionView {
  readonly reasons: readonly { readonly code: AttentionCode; readonly since: string }[];
}

/** What was changed at Microsoft, in words, and the one button that sets right what connecting again can. */
export function attentionNote(
  { reasons }: AttentionView,
  { status, repair }: { readonly status: "active" | "suspended"; readonly repair: Page | undefined },
): Page {
  const mends = reasons.some(({ code }) => factsOfAttention(code).isMendedByConnecting);
  return html`<div class="banner bad">
    <h4>${attentionTexts.title}</h4>
    <ul>
      ${reasons.map(({ code, since }) => {
        const { title, detail, who, action } = factsOfAttention(code);
        return html`<li>
          <strong>${title}</strong> (${attentionTexts.since} ${since.slice(0, 10)}). ${detail}
          <br />${whoTexts[who]}: ${action}
        </li>`;
      })}
    </ul>
    <p>${attentionTexts.notSilently}</p>
    ${mends && status === "suspended" ? html`<p>${attentionTexts.resumeFirst}</p>` : ""}
    ${mends && status === "active" ? (repair ?? "") : ""}
  </div>`;
}
