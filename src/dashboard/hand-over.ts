import { html } from "hono/html";
import { factList, type Page } from "./layout.ts";
import { handOverTexts as texts } from "./setup-texts.ts";

/** A link as the API lists it. Times are ISO-8601. */
export interface SetupLinkRow {
  readonly id: string;
  readonly status: keyof typeof texts.status;
  readonly created_by: string;
  readonly expires_at: string;
  readonly domain?: string;
  readonly it_contact_emails: readonly string[];
  readonly proof?: {
    readonly proof_id: string;
    readonly entra_tenant_id: string;
    readonly entra_domain?: string;
    readonly approved_by: string;
    readonly approved_at: string;
    readonly must_type?: string;
  };
}

export interface HandOverView {
  /** Where each of the forms goes. */
  readonly action: string;
  readonly links: readonly SetupLinkRow[];
  /** Just made: told this once. */
  readonly made?: { readonly link: string; readonly expires_at: string } | undefined;
}

const minute = (time: string): string => `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`;

/** What there is to send or to confirm, on top. */
export function handOverNews({ made, links, action }: HandOverView): Page {
  return html`${made === undefined ? "" : madeLink(made)}
  ${links.map((link) => (link.proof === undefined ? "" : confirmation(link, link.proof, action)))}`;
}

function madeLink(made: NonNullable<HandOverView["made"]>): Page {
  return html`<section class="banner good" role="status">
    <h2>${texts.madeTitle}</h2>
    <p>${texts.made} (${texts.until} ${minute(made.expires_at)})</p>
    <p class="field">
      <label for="made-link">${texts.link}</label>
      <input id="made-link" readonly value="${made.link}" />
    </p>
    <p class="actions">
      <button
        hidden
        type="button"
        data-copy="made-link"
        data-copied="${texts.copied}"
        aria-describedby="made-copied"
      >
        ${texts.copy}
      </button>
      <span id="made-copied" role="status"></span>
    </p>
  </section>`;
}

function confirmation(
  { id, domain }: SetupLinkRow,
  proof: NonNullable<SetupLinkRow["proof"]>,
  action: string,
): Page {
  return html`<section class="banner note" aria-label="${texts.confirmTitle}">
    <h2>${texts.confirmTitle}</h2>
    ${factList([
      [texts.ownDomain, proof.entra_domain ?? texts.noDomain],
      [texts.directory, proof.entra_tenant_id],
      [texts.approvedBy, proof.approved_by],
      [texts.approvedAt, minute(proof.approved_at)],
    ])}
    <p><strong>${texts.warning}</strong></p>
    <form method="post" action="${action}" data-once>
      <input type="hidden" name="id" value="${id}" />
      <input type="hidden" name="entra_tenant_id" value="${proof.entra_tenant_id}" />
      <input type="hidden" name="proof_id" value="${proof.proof_id}" />
      ${
        proof.must_type === undefined
          ? ""
          : html`<p class="field">
              <label for="type-${id}">${texts.expected(domain ?? "")} “${proof.must_type}”:</label>
              <input
                id="type-${id}"
                name="domain"
                required
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
              />
            </p>`
      }
      <p class="actions"><button name="act" value="confirm">${texts.confirm}</button></p>
    </form>
  </section>`;
}

/** Which links there are, each with the button that withdraws it while that is possible. */
export function handOverList({ links, action }: HandOverView): Page | "" {
  if (links.length === 0) return "";
  return html`<section class="card" aria-label="${texts.title}">
    <h3>${texts.title}</h3>
    ${links.map(
      (link) =>
        html`<form method="post" action="${action}" data-once>
          <input type="hidden" name="id" value="${link.id}" />
          <p id="${link.id}">
            <strong>${texts.status[link.status]}</strong>. ${texts.madeBy}
            ${link.created_by}${recipient(link)}, ${texts.until} ${minute(link.expires_at)}
          </p>
          ${
            ["confirmed", "revoked", "expired"].includes(link.status)
              ? ""
              : html`<p class="actions">
                  <button class="plain" name="act" value="revoke" aria-describedby="${link.id}">
                    ${texts.revoke}
                  </button>
                </p>`
          }
        </form>`,
    )}
  </section>`;
}

function recipient({ domain, it_contact_emails: emails }: SetupLinkRow): string {
  const named = [...emails, ...(domain === undefined ? [] : [domain])];
  return named.length === 0 ? "" : `, ${texts.for} ${named.join(", ")}`;
}

/** The way for whoever cannot approve. `connected`: what could be connected again. */
export function handOverForm(
  { action }: HandOverView,
  connected: readonly { readonly id: string; readonly display_name: string; readonly directory: string }[],
): Page {
  return html`<details>
    <summary>${texts.summary}</summary>
    <p>${texts.hint}</p>
    <form method="post" action="${action}" data-once>
      ${
        connected.length === 0
          ? ""
          : html`<p class="field">
              <label for="hand-over-which">${texts.which}</label>
              <select id="hand-over-which" name="which">
                ${connected.map(
                  (one) =>
                    html`<option value="${one.id}">${texts.again(one.display_name, one.directory)}</option>`,
                )}
                <option value="additional">${texts.additional}</option>
              </select>
            </p>`
      }
      <p class="field">
        <label for="hand-over-domain">${texts.domain}</label>
        <input id="hand-over-domain" name="domain" maxlength="253" autocapitalize="none" spellcheck="false" />
      </p>
      <p class="field">
        <label for="hand-over-email">${texts.email}</label>
        <input id="hand-over-email" name="email" type="email" maxlength="254" autocomplete="off" />
      </p>
      <p class="actions"><button class="plain" name="act" value="make">${texts.make}</button></p>
    </form>
  </details>`;
}
