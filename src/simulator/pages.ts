import { html } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import type { SimulatedTenant } from "./directory.ts";

type Page = HtmlEscapedString | Promise<HtmlEscapedString>;

function layout(title: string, body: Page): Page {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} – Entra simulator</title>
      </head>
      <body>
        <p><strong>This is a simulator. It is not Microsoft.</strong></p>
        <main>${body}</main>
      </body>
    </html>`;
}

const self = (path: string, query: Record<string, string>): string =>
  `${path}?${new URLSearchParams(query).toString()}`;

export function consentPage(tenants: readonly SimulatedTenant[], query: Record<string, string>): Page {
  return layout(
    "Permissions requested",
    html`<h1>Permissions requested</h1>
      <p>
        Authio One-Click Provisioning wants to manage applications in your organization. Choose who you are.
      </p>
      <form method="post" action="${self("/organizations/v2.0/adminconsent", query)}">
        ${tenants.flatMap((tenant) =>
          tenant.users.map(
            (user, index) =>
              html`<p>
                <label
                  ><input
                    type="radio"
                    name="user"
                    value="${user.id}"
                    required
                    ${index === 0 ? "checked" : ""}
                  />
                  ${user.name}, ${user.email}
                  (${tenant.name}${user.guest ? ", guest" : user.roles.length > 0 ? ", Global Administrator" : ", member"})</label
                >
              </p>`,
          ),
        )}
        <button name="decision" value="accept">Accept</button>
        <button name="decision" value="cancel">Cancel</button>
      </form>`,
  );
}

export function signInPage(tenant: SimulatedTenant, query: Record<string, string>): Page {
  return layout(
    "Sign in",
    html`<h1>Sign in to ${tenant.name}</h1>
      <form method="post" action="${self(`/${tenant.id}/oauth2/v2.0/authorize`, query)}">
        ${tenant.users.map((user) => html`<p><button name="user" value="${user.id}">${user.name}, ${user.email}</button></p>`)}
      </form>`,
  );
}
