import { html } from "hono/html";
import type { SimulatedApplication, SimulatedTenant } from "./directory.ts";
import { drifts } from "./drifts.ts";
import { layout, type Page } from "./layout.ts";
import { presets } from "./presets.ts";
import type { LoggedCall } from "./world.ts";

/** The simulator's front page: its tenants and how Microsoft behaves. */
export function homePage(tenants: readonly SimulatedTenant[], preset: string): Page {
  return layout(
    "Home",
    html`<h1>Entra and Graph simulator</h1>
      <section class="card">
        <h2>Tenants</h2>
        <ul>
          ${tenants.map(
            (tenant) =>
              html`<li>
                <a href="/portal/${tenant.id}">${tenant.name}</a>
                <span class="quiet">${tenant.id}, ${counted(liveOf(tenant).length, "application")}</span>
              </li>`,
          )}
        </ul>
        <form method="post" action="/portal">
          <label>A new tenant: <input name="name" required maxlength="40" /></label>
          <button class="plain">Add</button>
        </form>
      </section>
      <form class="card" method="post" action="/portal/behaviour">
        <h2>How Microsoft behaves</h2>
        <fieldset>
          <legend>From the next call on</legend>
          ${Object.entries(presets).map(
            ([name, { title, text }]) =>
              html`<label class="choice"
                ><input type="radio" name="preset" value="${name}" ${name === preset ? "checked" : ""} />
                <span>${title}<small>${text}</small></span></label
              >`,
          )}
        </fieldset>
        <div class="actions"><button>Apply</button></div>
      </form>`,
  );
}

const shownCalls = 60;

/** One tenant as its administrator sees it in the portal. */
export function portalPage(
  tenant: SimulatedTenant,
  calls: readonly LoggedCall[],
  appRoles: readonly string[],
): Page {
  const own = calls.filter(({ tenantId }) => tenantId === tenant.id);
  return layout(
    tenant.name,
    html`<p><a href="/">All tenants</a></p>
      <h1>${tenant.name}</h1>
      <section class="card">
        <h2>Provisioning app</h2>
        <p>
          ${tenant.consentedMs === null ? "No administrator has consented." : `Consented ${timeText(tenant.consentedMs)}: ${appRoles.join(", ")}`}
        </p>
        ${tenant.consentedMs === null ? "" : html`<form method="post" action="/portal/${tenant.id}/revoke"><button class="plain">Revoke the consent</button></form>`}
      </section>
      ${tenant.applications.toReversed().map((one) => applicationCard(tenant, one))}
      <section class="card">
        <h2>Last ${shownCalls} calls</h2>
        <div class="scroll" tabindex="0" role="region" aria-label="Calls">
          <table class="calls">
            <thead>
              <tr>
                <th>Time</th>
                <th>Call</th>
                <th>Answer</th>
                <th>Body</th>
              </tr>
            </thead>
            <tbody>
              ${own
                .slice(-shownCalls)
                .toReversed()
                .map(
                  (call) =>
                    html`<tr>
                      <td>${call.at.slice(11, 23)}</td>
                      <td>${call.call}</td>
                      <td>${call.status ?? "none"}</td>
                      <td>${call.body === undefined ? "" : JSON.stringify(call.body)}</td>
                    </tr>`,
                )}
            </tbody>
          </table>
        </div>
      </section>`,
  );
}

function applicationCard(tenant: SimulatedTenant, one: SimulatedApplication): Page {
  const web = one.properties["web"] as { redirectUris: string[]; homePageUrl?: string | null };
  const facts: [string, string | Page][] = [
    ["Application (client) id", one.appId],
    ["Object id", one.id],
    ["Created", timeText(one.createdMs)],
    ["Redirect URI", web.redirectUris.join(", ") || "none"],
    ["Home page, the tile in My Apps", tileOf(web.homePageUrl)],
    ["Tags", (one.properties["tags"] as string[]).join(", ") || "none"],
    ["Enterprise application", enterpriseText(one)],
    ["Who may sign in", one.appRoleAssignmentRequired ? "assigned users" : "everyone"],
    ["Consent", consentText(one)],
  ];
  return html`<section class="card">
    <h2>${String(one.properties["displayName"])}${one.deletedMs === null ? "" : " (deleted)"}</h2>
    <table>
      <tbody>
        ${facts.map(
          ([name, value]) =>
            html`<tr>
              <th scope="row">${name}</th>
              <td>${value}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    ${enterpriseForm(tenant, one)}
    <h2>Client secrets</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Client secrets">
      <table>
        <thead>
          <tr>
            <th>Description</th>
            <th>Value</th>
            <th>Expires</th>
            <th>Key id</th>
          </tr>
        </thead>
        <tbody>
          ${one.credentials.map(
            (credential) =>
              html`<tr>
                <td>${credential.displayName ?? ""}</td>
                <td>${credential.hint}******</td>
                <td>${credential.endDateTime.slice(0, 10)}</td>
                <td>${credential.keyId}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

function tileOf(url: string | null | undefined): string | Page {
  return url && URL.canParse(url) ? html`<a href="${new URL(url).href}">${url}</a>` : "none";
}

function enterpriseText(one: SimulatedApplication): string {
  if (one.servicePrincipalDeletedMs !== null) return "deleted; the registration stayed";
  return one.disabled ? `${one.servicePrincipalId}, sign-in is off` : one.servicePrincipalId;
}

/** What an administrator may do to it behind the product's back. */
function enterpriseForm(tenant: SimulatedTenant, one: SimulatedApplication): Page | string {
  if (one.deletedMs !== null || one.servicePrincipalDeletedMs !== null) return "";
  const offered = Object.entries(drifts).filter(([name]) => name !== (one.disabled ? "disable" : "enable"));
  return html`<form method="post" action="/portal/${tenant.id}/enterprise/${one.id}" class="actions">
    ${offered.map(
      ([name, { title }]) => html`<button class="plain" name="do" value="${name}">${title}</button>`,
    )}
  </form>`;
}

function consentText({ grants }: SimulatedApplication): string {
  if (grants.some(({ principalId }) => principalId === null)) return "given for all users";
  return grants.length === 0 ? "none yet" : `given by ${counted(grants.length, "user")} for themselves`;
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

const liveOf = (tenant: SimulatedTenant): SimulatedApplication[] =>
  tenant.applications.filter(({ deletedMs }) => deletedMs === null);

const timeText = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC`;
