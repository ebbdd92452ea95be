import { html } from "hono/html";
import { isAdministrator, type SimulatedTenant, type SimulatedUser } from "./directory.ts";
import { layout, type Page } from "./layout.ts";

function roleOf(user: SimulatedUser): string {
  if (user.guest) return "guest";
  return isAdministrator(user) ? "Global Administrator" : "member";
}

/** What Microsoft's consent page says of each application permission. */
const permissionTexts: Readonly<Record<string, string>> = {
  "Application.ReadWrite.All": "Read and write all applications",
  "Application.ReadWrite.OwnedBy": "Manage apps that this app creates or owns",
  "DelegatedPermissionGrant.ReadWrite.All": "Manage all delegated permission grants",
};

/** Admin consent: to the provisioning app, for any directory; or to one application of one directory. */
export function consentPage(view: {
  /** The application's name; absent for the provisioning app. */
  name?: string;
  /** Application permissions that are asked for beside sign-in. */
  appRoles: readonly string[];
  tenants: readonly SimulatedTenant[];
  action: string;
}): Page {
  const people = view.tenants.flatMap((tenant) =>
    tenant.users.filter(({ refusal }) => !refusal).map((user) => ({ tenant, user })),
  );
  return layout(
    "Permissions requested",
    html`<form class="card" method="post" action="${view.action}">
      <h1>Permissions requested</h1>
      <p><strong>${view.name ?? "Authio One-Click Provisioning"}</strong> asks for your organization:</p>
      <ul>
        ${view.appRoles.map((role) => html`<li>${permissionTexts[role] ?? role}</li>`)}
        <li>Sign users in and read their basic profile</li>
      </ul>
      <fieldset>
        <legend>You are</legend>
        ${people.map(
          ({ tenant, user }, index) =>
            html`<label class="choice"
              ><input type="radio" name="user" value="${user.id}" required ${index === 0 ? "checked" : ""} />
              <span>${user.name}<small>${user.email}, ${roleOf(user)} of ${tenant.name}</small></span></label
            >`,
        )}
      </fieldset>
      <div class="actions">
        <button class="plain" name="decision" value="cancel">Cancel</button>
        <button name="decision" value="accept">Accept</button>
      </div>
    </form>`,
    true,
  );
}

export function signInPage(tenant: SimulatedTenant, action: string): Page {
  return layout(
    "Sign in",
    html`<form class="card" method="post" action="${action}">
      <h1>Pick an account</h1>
      <p class="quiet">to sign in to ${tenant.name}</p>
      ${tenant.users.map(
        (user) =>
          html`<button class="plain person" name="user" value="${user.id}">
            ${user.name}<small
              >${user.email},
              ${user.refusal ? `is refused with AADSTS${user.refusal.aadsts}` : roleOf(user)}</small
            >
          </button>`,
      )}
      <div class="actions"><button class="plain" name="decision" value="cancel">Cancel</button></div>
    </form>`,
    true,
  );
}

/** What a user of an application sees that nobody has consented to. */
export function promptPage(view: { name: string; user: SimulatedUser; action: string }): Page {
  return layout(
    "Permissions requested",
    html`<form class="card" method="post" action="${view.action}">
      <h1>Permissions requested</h1>
      <p>
        <strong>${view.name}</strong> would like to sign you in, ${view.user.name}, and read your profile.
      </p>
      <input type="hidden" name="user" value="${view.user.id}" />
      ${
        isAdministrator(view.user)
          ? html`<label class="choice"
              ><input type="checkbox" name="everyone" value="yes" /> Consent on behalf of your
              organization</label
            >`
          : ""
      }
      <p></p>
      <div class="actions">
        <button class="plain" name="decision" value="cancel">Cancel</button>
        <button name="decision" value="accept">Accept</button>
      </div>
    </form>`,
    true,
  );
}
