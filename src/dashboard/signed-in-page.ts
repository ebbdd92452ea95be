import { html } from "hono/html";
import type { Authentication, Identity } from "../domain/identity.ts";
import { assetUrls } from "./assets.ts";
import { factList, layout, type Page } from "./layout.ts";
import { signInVerdicts, type TestedSignIn, type Verdict } from "./sign-in-verdicts.ts";
import { adminConsentTexts, errorTexts, signedInTexts } from "./texts.ts";
import { verdictTexts } from "./verdict-texts.ts";

export interface SignedInView extends TestedSignIn {
  readonly identity: Omit<Identity, "sub" | "connection_id" | "organization_id" | "project_id">;
  readonly authentication: Authentication;
  readonly signInUrl: string;
  readonly dashboardUrl: string;
}

/** Seen by whoever tries a connection, guests too, so it offers nothing that only an administrator can do. */
export function signedInPage(view: SignedInView): Page {
  const { identity, authentication } = view;
  const email =
    identity.email === undefined
      ? signedInTexts.none
      : `${identity.email} (${identity.email_verified ? signedInTexts.verified : signedInTexts.unverified})`;
  return layout({
    title: signedInTexts.title,
    head: html`<script type="module" src="${assetUrls["address.js"]}"></script>`,
    body: html`<h1>${signedInTexts.title}</h1>
      <section class="card">
        <h2>${verdictTexts.title}</h2>
        <ul class="steps">
          ${signInVerdicts(view).map(verdictItem)}
        </ul>
      </section>
      <section class="card">
        <h2>${verdictTexts.claims}</h2>
        ${factList([
          [signedInTexts.name, identity.name ?? signedInTexts.none],
          [signedInTexts.email, email],
          [signedInTexts.tenant, identity.tid],
          [signedInTexts.objectId, identity.oid],
          [signedInTexts.userType, identity.user_type],
          [signedInTexts.groups, groupsText(identity)],
          [signedInTexts.authenticatedAt, timeText(authentication.auth_time)],
          [signedInTexts.methods, authentication.amr?.join(", ") ?? signedInTexts.unsaid],
        ])}
      </section>
      <p class="actions">
        <a class="button" href="${view.dashboardUrl}">${errorTexts.back}</a>
        <a class="button plain" href="${view.signInUrl}">${signedInTexts.again}</a>
      </p>`,
  });
}

const states = { pass: "done", warn: "warn", fail: "failed" } as const;

function verdictItem({ name, outcome, sentence }: Verdict): Page {
  return html`<li data-state="${states[outcome]}">
    <span class="mark" aria-hidden="true"></span><span><strong>${name}.</strong> ${sentence}</span
    ><span class="state">${verdictTexts.outcomes[outcome]}</span>
  </li>`;
}

function groupsText({
  groups,
  groups_overage: isOverage,
}: Pick<Identity, "groups" | "groups_overage">): string {
  if (groups === null) return isOverage ? signedInTexts.tooManyGroups : signedInTexts.unsaid;
  return groups.length === 0 ? signedInTexts.none : groups.join(", ");
}

function timeText(seconds: number | undefined): string {
  const at = new Date((seconds ?? Number.NaN) * 1000);
  return Number.isNaN(at.getTime())
    ? signedInTexts.unsaid
    : `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

export function adminConsentPage(dashboardUrl: string): Page {
  return layout({
    title: adminConsentTexts.title,
    head: html`<script type="module" src="${assetUrls["address.js"]}"></script>`,
    body: html`<h1>${adminConsentTexts.title}</h1>
      <section class="card"><p>${adminConsentTexts.text}</p></section>
      <p class="actions"><a class="button plain" href="${dashboardUrl}">${errorTexts.back}</a></p>`,
  });
}
