import { html } from "hono/html";
import { assetUrls } from "./assets.ts";
import { factList, layout, type Page } from "./layout.ts";
import { adminConsentTexts, errorTexts, signedInTexts } from "./texts.ts";

/** Who Microsoft says this is; groups are null when there are too many to list. */
interface IdentityView {
  readonly name?: string;
  readonly tid: string;
  readonly oid: string;
  readonly email?: string;
  readonly email_verified: boolean;
  readonly groups: readonly string[] | null;
}

/** Seen by whoever tries a connection, guests too, so it offers nothing that only an administrator can do. */
export function signedInPage(view: {
  identity: IdentityView;
  signInUrl: string;
  dashboardUrl: string;
}): Page {
  const { identity } = view;
  const email =
    identity.email === undefined
      ? signedInTexts.none
      : `${identity.email} (${identity.email_verified ? signedInTexts.verified : signedInTexts.unverified})`;
  return layout({
    title: signedInTexts.title,
    head: html`<script type="module" src="${assetUrls["address.js"]}"></script>`,
    body: html`<h1>${signedInTexts.title}</h1>
      <section class="card">
        ${factList([
          [signedInTexts.name, identity.name ?? signedInTexts.none],
          [signedInTexts.email, email],
          [signedInTexts.tenant, identity.tid],
          [signedInTexts.objectId, identity.oid],
          [signedInTexts.groups, groupsText(identity.groups)],
        ])}
      </section>
      <p class="actions">
        <a class="button" href="${view.dashboardUrl}">${errorTexts.back}</a>
        <a class="button plain" href="${view.signInUrl}">${signedInTexts.again}</a>
      </p>`,
  });
}

function groupsText(groups: readonly string[] | null): string {
  if (groups === null) return signedInTexts.tooManyGroups;
  return groups.length === 0 ? signedInTexts.none : groups.join(", ");
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
