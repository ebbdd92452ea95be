import { html } from "hono/html";
import { type ErrorCode, factsOf } from "../domain/error-codes.ts";
import { describeMicrosoftCode, type MicrosoftReference } from "../domain/microsoft-codes.ts";
import { layout, type Page } from "./layout.ts";
import { errorTexts, whoTexts } from "./texts.ts";

/** A failure and everything that support needs to find it again. */
export interface FailureView {
  readonly code: ErrorCode;
  /** The code's sentence for this organization, where more is known than the code. */
  readonly detail?: string | undefined;
  /** Of the provisioning request, or of the HTTP request where there is none. */
  readonly reference: string;
  readonly microsoft?: MicrosoftReference | null | undefined;
  /** Microsoft's page where an administrator of the directory sets it right, where one is known. */
  readonly administratorUrl?: string | undefined;
  readonly at: Date;
}

/** What happened, who must act, the next step, Microsoft's page, and the block for support. */
export function failureDetails(view: FailureView): Page {
  const facts = factsOf(view.code);
  const microsoft = view.microsoft && describeMicrosoftCode(view.microsoft.code);
  return html`<p>${view.detail ?? facts.detail}</p>
    <p><strong>${whoTexts[facts.who]}:</strong> ${facts.action}</p>
    ${
      view.administratorUrl === undefined
        ? ""
        : html`<p>
            ${errorTexts.forAdministrators}:
            <a href="${view.administratorUrl}" rel="noreferrer">${errorTexts.assignmentPage}</a>
          </p>`
    }
    ${
      view.microsoft
        ? html`<p>
            ${errorTexts.microsoft}:
            ${microsoft ? html`<a href="${microsoft.url}" rel="noreferrer">${view.microsoft.code}</a>. ${microsoft.meaning}` : view.microsoft.code}
          </p>`
        : ""
    }
    ${facts.docs ? html`<p><a href="${facts.docs}" rel="noreferrer">${errorTexts.documentation}</a></p>` : ""}
    <details>
      <summary>${errorTexts.supportTitle}</summary>
      <p class="quiet">${errorTexts.supportHint}</p>
      <pre class="support" tabindex="0">${supportBlock(view)}</pre>
    </details>`;
}

function supportBlock(view: FailureView): string {
  const { microsoft } = view;
  const lines: (readonly [string, string | undefined])[] = [
    [errorTexts.code, view.code],
    [errorTexts.reference, view.reference],
    [errorTexts.microsoft, microsoft?.code],
    [errorTexts.correlation, microsoft?.correlationId],
    [errorTexts.time, view.at.toISOString()],
  ];
  return lines
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");
}

/** A page in place of a problem, for browsers. */
export function errorPage(
  view: FailureView & { dashboardUrl: string; retry?: { url: string; text: string } | undefined },
): Page {
  const { title } = factsOf(view.code);
  return layout({
    title,
    body: html`<h1>${title}</h1>
      <section class="card">${failureDetails(view)}</section>
      <p class="actions">
        ${view.retry ? html`<a class="button" href="${view.retry.url}">${view.retry.text}</a>` : ""}
        <a class="button plain" href="${view.dashboardUrl}">${errorTexts.back}</a>
      </p>`,
  });
}
