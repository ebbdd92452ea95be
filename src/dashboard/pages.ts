import { html, raw } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import { type ErrorCode, factsOf } from "../domain/error-codes.ts";
import type { StepName, StepProgress } from "../domain/provision-contract.ts";

type Page = HtmlEscapedString | Promise<HtmlEscapedString>;

const who: Readonly<Record<ReturnType<typeof factsOf>["who"], string>> = {
  you: "You",
  entra_admin: "Your Entra administrator",
  authio: "Authio",
  operator: "The operator of this installation",
  wait: "Nobody: it passes",
};

const stepTitles: Readonly<Record<StepName, string>> = {
  discoverIssuer: "Check your directory",
  instantiateApplication: "Create the application",
  configureOidc: "Set up sign-in",
  addPassword: "Create the client secret",
  sealSecret: "Seal the client secret",
  proveSecret: "Test it with Microsoft",
  upsertConnection: "Switch the connection on",
};

const stateWords: Readonly<Record<StepProgress["state"], string>> = {
  pending: "waiting",
  running: "in progress",
  retrying: "trying again",
  done: "done",
  failed: "failed",
};

function layout(title: string, body: Page, refreshSeconds?: number): Page {
  const refresh =
    refreshSeconds === undefined ? "" : raw(`<meta http-equiv="refresh" content="${refreshSeconds}">`);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        ${refresh}
        <title>${title} – Authio</title>
      </head>
      <body>
        <main>${body}</main>
      </body>
    </html>`;
}

/** What happened, who must act, and the next step; every text comes from the table of codes. */
export function errorPage(view: {
  code: ErrorCode;
  requestId: string;
  dashboardUrl: string;
  canRetry: boolean;
}): Page {
  const facts = factsOf(view.code);
  return layout(
    facts.title,
    html`<h1>${facts.title}</h1>
      <p>${facts.detail}</p>
      <p><strong>${who[facts.who]}:</strong> ${facts.action}</p>
      ${view.canRetry ? html`<p><a href="">Try again</a></p>` : ""}
      <p><a href="${view.dashboardUrl}">Back to the dashboard</a></p>
      <p><small>Code ${view.code}, reference ${view.requestId}</small></p>`,
  );
}

/** Reloads itself every two seconds; the tab may be closed at any time. */
export function progressPage(view: { requestId: string; steps: readonly StepProgress[] }): Page {
  const waiting = view.steps.every((step) => step.state === "pending");
  return layout(
    "Connecting Microsoft",
    html`<h1>Connecting Microsoft</h1>
      <p>
        ${waiting ? "Your approval is recorded. The work begins as soon as our engine is free." : "Your approval is recorded and the work is under way."}
        You may close this page; it goes on without you.
      </p>
      <ol>
        ${view.steps.map(
          (step) =>
            html`<li>
              ${stepTitles[step.name]}:
              ${stateWords[step.state]}${step.attempts > 1 ? ` (attempt ${step.attempts})` : ""}${step.note && step.state === "retrying" ? `. ${step.note}.` : ""}
            </li>`,
        )}
      </ol>
      <p><small>Reference ${view.requestId}</small></p>`,
    2,
  );
}

export function signedInPage(identity: {
  name: string;
  tid: string;
  oid: string;
  email?: string;
  email_verified: boolean;
  groups: readonly string[] | null;
  groups_overage: boolean;
}): Page {
  const groups = identity.groups_overage ? "too many to list" : String(identity.groups?.length ?? 0);
  return layout(
    "Signed in",
    html`<h1>Signed in with Microsoft</h1>
      <dl>
        <dt>Name</dt>
        <dd>${identity.name}</dd>
        <dt>Email</dt>
        <dd>
          ${identity.email ?? "none"}${identity.email === undefined ? "" : identity.email_verified ? " (verified)" : " (not verified)"}
        </dd>
        <dt>Directory</dt>
        <dd>${identity.tid}</dd>
        <dt>Object id</dt>
        <dd>${identity.oid}</dd>
        <dt>Groups</dt>
        <dd>${groups}</dd>
      </dl>`,
  );
}
