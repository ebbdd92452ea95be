import { html } from "hono/html";
import { type ErrorCode, factsOf } from "../domain/error-codes.ts";
import { assetUrls } from "./assets.ts";
import { awaitsName, type ConnectionView, connectionCard, isLive, testLink } from "./connection-card.ts";
import { attentionTexts } from "./connection-texts.ts";
import { type FailureView, failureDetails } from "./error-page.ts";
import { type HandOverView, handOverForm, handOverList, handOverNews } from "./hand-over.ts";
import { layout, type Page } from "./layout.ts";
import { type OpenAttempt, openAttempts } from "./open-attempts.ts";
import type { ProgressView } from "./progress-page.ts";
import { auditTexts, connectTexts, progressTexts, whoTexts } from "./texts.ts";

/** What the last click came to, as the return URL tells it. */
export type Outcome =
  | { readonly kind: "none" }
  | { readonly kind: "connected"; readonly connectionId: string }
  | { readonly kind: "released"; readonly directory: string }
  | { readonly kind: "failed"; readonly failure: FailureView }
  | { readonly kind: "running"; readonly requestId: string; readonly progress: ProgressView };

export interface OrganizationView {
  readonly organization: string;
  /** Who is looking, and how to become somebody else. */
  readonly person: Page;
  readonly canStart: boolean;
  /** Why the button is disabled. */
  readonly reason?: ErrorCode | undefined;
  readonly connections: readonly ConnectionView[];
  readonly outcome: Outcome;
  /** Where the form of the button goes. */
  readonly connectAction: string;
  /** Where the forms go that suspend, resume and rename a connection. */
  readonly changeAction: string;
  /** Where the form goes that begins to release our access to a directory. */
  readonly releaseAction: string;
  /** What may be cancelled, and where that form goes. */
  readonly open: readonly OpenAttempt[];
  readonly cancelAction: string;
  /** Links for administrators without an account; undefined where they are off, or not this person's. */
  readonly handOver?: HandOverView | undefined;
  /** Where a sign-in to an application begins, to try it. */
  readonly sampleUrl?: string | undefined;
}

/** The organization's Features tab with the single sign-on section. */
export function organizationPage(view: OrganizationView): Page {
  return layout({
    title: `${connectTexts.section}, ${view.organization}`,
    header: html`<div class="who">${view.person}</div>`,
    head: html`${
        view.outcome.kind === "running"
          ? html`<noscript><meta http-equiv="refresh" content="2" /></noscript>
              <script type="module" src="${assetUrls["live.js"]}"></script>`
          : ""
      }
      ${view.connections.some(awaitsName) ? html`<script type="module" src="${assetUrls["named.js"]}"></script>` : ""}
      ${view.handOver?.made === undefined ? "" : html`<script type="module" src="${assetUrls["copy.js"]}"></script>`}
      <script type="module" src="${assetUrls["form.js"]}"></script>`,
    body: html`<h1>${view.organization}</h1>
      <nav class="tabs" aria-label="Organization">
        <a href="/" aria-current="page">${connectTexts.tab}</a>
        <a href="/audit">${auditTexts.title}</a>
      </nav>
      ${outcomeBanner(view)} ${view.handOver === undefined ? "" : handOverNews(view.handOver)}
      <h2>${connectTexts.section}</h2>
      ${view.connections.map((one) => connectionSection(view, one))} ${connectCard(view)}
      ${openAttempts(view.open, view.cancelAction)}
      ${view.handOver === undefined ? "" : handOverList(view.handOver)}`,
  });
}

function outcomeBanner({ outcome, connections, sampleUrl }: OrganizationView): Page | "" {
  switch (outcome.kind) {
    case "connected":
      return html`<section class="banner good" role="status">
        <h2>${connectTexts.connected}</h2>
        <p>
          ${connectTexts.connectedHint}
          ${testLink(`/v1/sso/connections/${outcome.connectionId}/initiate`, "")}
        </p>
        ${sampleUrl === undefined ? "" : html`<p><a class="button" href="${sampleUrl}">${connectTexts.trySample}</a></p>`}
      </section>`;
    case "released":
      return html`<section class="banner good" role="status">
        <h2>${connectTexts.released}</h2>
        <p>${connectTexts.releasedHint(outcome.directory)}</p>
      </section>`;
    case "failed":
      return html`<section class="banner bad" role="alert">
        <h2>
          ${connections.length > 0 ? connectTexts.failedBeside : connectTexts.failed}:
          ${factsOf(outcome.failure.code).title}
        </h2>
        ${failureDetails(outcome.failure)}
      </section>`;
    case "running":
      return html`<section class="card" role="status" data-live>
        <h2>${outcome.progress.title}</h2>
        <p>${outcome.progress.hint}</p>
        <ol class="steps">
          ${outcome.progress.steps.map(
            (step) =>
              html`<li data-state="${step.state}">
                <span class="mark" aria-hidden="true"></span><span>${step.title}</span
                ><span class="state">${step.text}</span>
              </li>`,
          )}
        </ol>
        <p class="quiet">${progressTexts.reference} ${outcome.requestId}</p>
      </section>`;
    default:
      return "";
  }
}

/** Consent for everybody is offered to those who manage the connection: a member can do nothing about it. */
function connectionSection(view: OrganizationView, connection: ConnectionView): Page {
  const isManager = view.reason !== "insufficient_role";
  const { secret_renewal: renewal, admin_consent_url: consentUrl, status } = connection;
  const connectAgain = connectForm(view, {
    text: connectTexts.again,
    field: ["connection", connection.id],
    style: "plain",
  });
  const repair = connectForm(view, {
    text: attentionTexts.repair,
    field: ["connection", connection.id],
    style: "",
  });
  const { organization, changeAction, releaseAction, sampleUrl, outcome } = view;
  const card = {
    organization,
    isManager,
    changeAction,
    releaseAction,
    sampleUrl,
    isNew: outcome.kind === "connected" && outcome.connectionId === connection.id,
    connectAgain,
    repair: isManager ? repair : undefined,
  };
  return html`${connectionCard(card, connection)}
  ${renewal.error === undefined || !isLive(connection) ? "" : renewalWarning(connection, renewal.error.code)}
  ${consentUrl === undefined || !isManager || status !== "active" ? "" : consentPromptWarning(consentUrl)}`;
}

/** A button that starts an attempt; `field` says which directory may approve. */
function connectForm(
  view: OrganizationView,
  button: { text: string; field?: readonly [name: string, value: string]; style: "" | "plain" },
): Page {
  return html`<form method="post" action="${view.connectAction}" data-once>
    ${button.field === undefined ? "" : html`<input type="hidden" name="${button.field[0]}" value="${button.field[1]}" />`}
    <p class="actions">
      <button
        ${view.canStart ? "" : "disabled"}
        ${view.reason === undefined ? "" : html`aria-describedby="reason"`}
        class="${button.style}"
      >
        ${button.text}
      </button>
    </p>
  </form>`;
}

/** The first ordinary user would meet Microsoft's consent prompt; an administrator can spare everybody. */
function consentPromptWarning(adminConsentUrl: string): Page {
  return html`<section class="banner note">
    <h3>${connectTexts.promptTitle}</h3>
    <p>${connectTexts.prompt}</p>
    <p><a class="button plain" href="${adminConsentUrl}">${connectTexts.promptButton}</a></p>
  </section>`;
}

/** The connection works until its secret ends; somebody should act before that. */
function renewalWarning(connection: ConnectionView, code: ErrorCode): Page {
  const { title, detail, who, action } = factsOf(code);
  return html`<section class="banner note">
    <h3>${connectTexts.renewalFailed} ${connection.secret_expires_at.slice(0, 10)}</h3>
    <p>${title}. ${detail}</p>
    <p><strong>${whoTexts[who]}:</strong> ${action}</p>
  </section>`;
}

/** The first connection, or one more. */
function connectCard(view: OrganizationView): Page {
  const isFirst = !view.connections.some(isLive);
  const reason = view.reason === undefined ? undefined : factsOf(view.reason);
  return html`<section
    class="card"
    aria-label="${isFirst ? connectTexts.button : connectTexts.additionalTitle}"
  >
    <h3>${isFirst ? connectTexts.card : connectTexts.additionalTitle}</h3>
    <p>${isFirst ? connectTexts.intro : connectTexts.additionalHint}</p>
    ${
      isFirst
        ? connectForm(view, { text: connectTexts.button, style: "" })
        : connectForm(view, { text: connectTexts.additional, field: ["additional", "true"], style: "plain" })
    }
    ${view.handOver === undefined || !view.canStart ? "" : handOverForm(view.handOver, connectedOf(view))}
    ${reason ? html`<p id="reason"><strong>${reason.title}.</strong> ${reason.detail} ${reason.action}</p>` : ""}
    ${
      view.reason === "ms_provision_not_configured"
        ? html`<p>
            ${connectTexts.byHand}
            ${connectTexts.byHandWays.map(([way, url], index) => html`${index > 0 ? ", " : ""}<a href="${url}" rel="noreferrer">${way}</a>`)}
          </p>`
        : ""
    }
    <details ${isFirst ? "open" : ""}>
      <summary>${connectTexts.whatTitle}</summary>
      <ul>
        ${connectTexts.what(view.organization).map((line) => html`<li>${line}</li>`)}
      </ul>
      <h3>${connectTexts.roleTitle}</h3>
      <p>${connectTexts.role}</p>
      <h3>${connectTexts.permissionTitle}</h3>
      <p>${connectTexts.permission}</p>
    </details>
  </section>`;
}

const connectedOf = ({ connections }: OrganizationView): Parameters<typeof handOverForm>[1] =>
  connections
    .filter(({ status }) => status === "active")
    .map((one) => ({ ...one, directory: one.entra_domain ?? one.entra_tenant_id }));
