import { html } from "hono/html";
import { cardTexts } from "./connection-texts.ts";
import type { Page } from "./layout.ts";

/** The connection's name, typed by whoever means it. */
export function typedName(name: string, describedBy: string): Page {
  return html`<label
    >${cardTexts.confirmation(name)}
    <input
      name="confirmation"
      required
      pattern="${literalPattern(name)}"
      autocomplete="off"
      aria-describedby="${describedBy}"
  /></label>`;
}

/** A pattern that only this text fits (HTML compiles it with the v flag, which reserves more characters). */
const literalPattern = (text: string): string =>
  text.replaceAll(/[^\p{L}\p{N} ]/gu, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`);
