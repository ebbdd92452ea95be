import { html } from "hono/html";
import { cardTexts } from "./connection-texts.ts";
import type { Page } from "./layout.ts";
import { typedName } from "./typed-name.ts";

/** Of a connection's card. Times are ISO-8601. */
interface Releasable {
  readonly id: string;
  readonly display_name: string;
  readonly status: "active" | "suspended" | "disconnected";
  readonly secret_expires_at: string;
  readonly operation?: object;
  readonly access_released_at?: string;
}

/** What stops working, and the button that begins it once the name is typed; nothing where it is released or busy. */
export function releaseForm(action: string, connection: Releasable): Page | "" {
  const { id, display_name: name, status, operation, access_released_at: released } = connection;
  if (operation || released !== undefined) return "";
  return html`<details>
    <summary>${cardTexts.release}</summary>
    <form method="post" action="${action}" data-once>
      <input type="hidden" name="connection" value="${id}" />
      <div id="release-${id}">
        <p>${cardTexts.releaseMeans}</p>
        ${status !== "disconnected" ? html`<p>${cardTexts.releaseLive(connection.secret_expires_at.slice(0, 10))}</p>` : ""}
        <p>${cardTexts.releaseByHand}</p>
      </div>
      ${typedName(name, `release-${id}`)}
      <p class="actions"><button class="plain">${cardTexts.releaseNow}</button></p>
    </form>
  </details>`;
}

export function releasedNote({
  access_released_at: released,
}: Pick<Releasable, "access_released_at">): Page | "" {
  return released === undefined ? "" : html`<p>${cardTexts.released(released.slice(0, 10))}</p>`;
}
