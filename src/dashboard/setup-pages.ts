import { html } from "hono/html";
import { type FailureView, failureDetails } from "./error-page.ts";
import { factsOf } from "../domain/error-codes.ts";
import { factList, layout, type Page } from "./layout.ts";
import { setupTexts } from "./setup-texts.ts";
import { connectTexts } from "./texts.ts";

/** Who asks an administrator, as far as we can vouch for it. */
export interface SetupAsker {
  readonly organization: string;
  readonly requester: string;
  /** Hosts of the service that holds the link. */
  readonly ssoHost: string;
  readonly dashboardHost: string;
}

/** Whom it is about, and the line for those who did not expect it. */
function askedBy({ organization, requester, ssoHost, dashboardHost }: SetupAsker): Page {
  return html`<h2>${setupTexts.who}</h2>
    ${factList([
      [setupTexts.organization, organization],
      [setupTexts.requester, requester],
      [setupTexts.operator, setupTexts.operatorOf(ssoHost, dashboardHost)],
    ])}`;
}

const robots = html`<meta name="robots" content="noindex, nofollow" />`;

/** What a link opens. To look at it changes nothing; the button is a form of its own. */
export function setupLinkPage(
  view: SetupAsker & { action: string; token: string; backUrl: string | undefined },
): Page {
  const { organization } = view;
  const title = setupTexts.title(organization);
  return layout({
    title,
    head: robots,
    body: html`<h1>${title}</h1>
      <section class="card">
        <p>${setupTexts.intro(organization)}</p>
        ${askedBy(view)}
        <p><strong>${setupTexts.unsure}</strong></p>
        <h2>${setupTexts.nextTitle}</h2>
        <ol>
          ${setupTexts.steps.map((step) => html`<li>${step}</li>`)}
        </ol>
        <form method="post" action="${view.action}">
          <input type="hidden" name="token" value="${view.token}" />
          <p class="actions">
            <button>${setupTexts.press}</button>
            ${view.backUrl === undefined ? "" : html`<a class="button plain" href="${view.backUrl}">${setupTexts.back}</a>`}
          </p>
        </form>
      </section>
      <section class="card">
        <h2>${connectTexts.whatTitle}</h2>
        <ul>
          ${connectTexts.what(organization).map((line) => html`<li>${line}</li>`)}
        </ul>
        <h2>${connectTexts.permissionTitle}</h2>
        <p>${connectTexts.permission}</p>
      </section>`,
  });
}

/** After the proof: approve, or say that it is not theirs; then the second alone. */
export function setupAnswerPage(
  view: SetupAsker & {
    action: string;
    isApproved: boolean;
    account: string | undefined;
    tenantId: string;
    onUrl: string | undefined;
  },
): Page {
  const { asked, approved } = setupTexts;
  const { title } = view.isApproved ? approved : asked;
  const button = (answer: "approve" | "refuse", style: "" | "plain"): Page =>
    html`<button name="answer" value="${answer}" class="${style}">${asked[answer]}</button>`;
  return layout({
    title,
    head: robots,
    body: html`<h1>${title}</h1>
      <section class="card">
        <p role="status">${view.isApproved ? approved.hint(view.organization) : asked.hint}</p>
        ${askedBy(view)}
        ${factList([
          ...(view.account === undefined ? [] : ([[asked.account, view.account]] as const)),
          [asked.tenant, view.tenantId],
        ])}
        <p>${view.isApproved ? approved.refuseHint : asked.meaning(view.organization)}</p>
        <form method="post" action="${view.action}">
          <p class="actions">${view.isApproved ? "" : button("approve", "")} ${button("refuse", "plain")}</p>
        </form>
        ${
          view.isApproved
            ? html`<p class="actions">
                <a class="button plain" href="${view.action}">${approved.again}</a>
                ${view.onUrl === undefined ? "" : html`<a class="button" href="${view.onUrl}">${approved.on}</a>`}
              </p>`
            : ""
        }
      </section>`,
  });
}

/** How a click through a link stands once there is nothing to answer. */
export type SetupEnd =
  | { readonly kind: "confirmed"; readonly how: "under" | "live" | "failed" }
  | { readonly kind: "refused" }
  | { readonly kind: "pending" }
  | { readonly kind: "failed"; readonly failure: FailureView };

export function setupEndPage(end: SetupEnd, onUrl: string | undefined): Page {
  const { title, body } = endOf(end);
  return layout({
    title,
    head: robots,
    body: html`<h1>${title}</h1>
      <section class="card">${body}</section>
      ${onUrl === undefined ? "" : html`<p class="actions"><a class="button plain" href="${onUrl}">${setupTexts.approved.on}</a></p>`}`,
  });
}

function endOf(end: SetupEnd): { title: string; body: Page } {
  switch (end.kind) {
    case "confirmed":
      return { title: setupTexts.confirmed.title, body: html`<p>${setupTexts.confirmed[end.how]}</p>` };
    case "refused":
    case "pending":
      return { title: setupTexts[end.kind].title, body: html`<p>${setupTexts[end.kind].hint}</p>` };
    case "failed":
      return {
        title: factsOf(end.failure.code).title,
        body: html`${failureDetails(end.failure)}
          <p>${setupTexts.tryAgain}</p>`,
      };
    default:
      return end satisfies never;
  }
}
