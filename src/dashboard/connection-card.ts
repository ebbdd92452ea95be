import { html } from "hono/html";
import { type ErrorCode, factsOf } from "../domain/error-codes.ts";
import type { OperationKind } from "../domain/operation-kinds.ts";
import type { Side } from "../domain/switched-off.ts";
import { type AttentionView, attentionNote } from "./attention-note.ts";
import { cardTexts } from "./connection-texts.ts";
import { failureTable, type FailureView } from "./failure-table.ts";
import { factList, type Page } from "./layout.ts";
import { releaseForm, releasedNote } from "./release-form.ts";
import { connectTexts, errorTexts } from "./texts.ts";
import { typedName } from "./typed-name.ts";

/** A connection's facts for its card. Times are ISO-8601. */
export interface ConnectionView {
  readonly id: string;
  readonly display_name: string;
  readonly status: "active" | "suspended" | "disconnected";
  readonly entra_tenant_id: string;
  /** A domain that is known to be the tenant's. */
  readonly entra_domain?: string;
  readonly access: "everyone" | "assigned";
  /** The last change of `access` failed. */
  readonly access_error?: { readonly code: ErrorCode };
  readonly configured_at: string;
  readonly configured_by: string;
  readonly oidc_client_id: string;
  readonly secret_expires_at: string;
  readonly secret_renewal: { readonly due_at: string; readonly error?: { readonly code: ErrorCode } };
  /** While something at Microsoft is not as it was left. */
  readonly needs_attention?: AttentionView;
  readonly last_sign_in_at?: string;
  readonly last_sign_in_failure?: { readonly code: ErrorCode; readonly at: string };
  /** Of the last seven days, by day and cause. */
  readonly sign_in_failures: readonly FailureView[];
  readonly sign_ins_30_days: number;
  /** While something is being done to it. */
  readonly operation?: { readonly id: string; readonly kind: OperationKind };
  /** Once our app was removed from its directory. */
  readonly access_released_at?: string;
  /** Of one that is not active. */
  readonly switched_off_by?: readonly Side[];
  /** Of a disconnected one. */
  readonly restorable_until?: string;
  readonly sign_in_url: string;
  /** Where an administrator assigns people, in Entra. */
  readonly assignment_url: string;
  /** Absent once an administrator has consented for everybody. */
  readonly admin_consent_url?: string;
}

export interface CardView {
  readonly organization: string;
  /** Whether this person is an owner or admin, who may change the connection. */
  readonly isManager: boolean;
  /** Where the forms that suspend, resume and rename go. */
  readonly changeAction: string;
  /** Where the form goes that begins to release our access. */
  readonly releaseAction: string;
  /** Where a sign-in to an application begins, to try it. */
  readonly sampleUrl?: string | undefined;
  /** It was just made: the banner above offers that sign-in already. */
  readonly isNew: boolean;
  /** The form that connects this connection's directory again. */
  readonly connectAgain: Page;
  /** The same, as the button that repairs; undefined for who may not. */
  readonly repair?: Page | undefined;
}

/** False for what is left of a connection that was disconnected. */
export function isLive({ status }: Pick<ConnectionView, "status">): boolean {
  return status !== "disconnected";
}

/** A new one's domain is asked for a second later; some have none. */
const namedWithinMs = 30_000;

/** Whether its directory's name may still come. */
export function awaitsName(connection: ConnectionView): boolean {
  const { status, entra_domain: domain, configured_at: madeAt } = connection;
  return status === "active" && domain === undefined && Date.now() - Date.parse(madeAt) < namedWithinMs;
}

/** What the connection is, in words, and what this person may do with it. */
export function connectionCard(view: CardView, connection: ConnectionView): Page {
  const { status } = connection;
  const title = `${connection.display_name}, ${connection.entra_domain ?? connection.entra_tenant_id}`;
  return html`<section class="card" id="${connection.id}" aria-label="${title}">
    <h3 data-directory>${title}</h3>
    ${attention(view, connection)} ${facts(connection)}
    ${status === "suspended" ? suspendedNote(view.organization, connection) : ""}
    ${status === "active" ? signInLinks(view, connection) : ""}
    ${status === "active" ? html`<p>${connectTexts.againHint}</p>` : ""}
    ${status === "active" ? view.connectAgain : ""} ${underWayNote(connection)}
    ${view.isManager && isLive(connection) ? management(view, connection) : ""}
    ${view.isManager && isLive(connection) ? disconnection(view, connection) : ""}
    ${view.isManager ? restoration(view, connection) : ""} ${releasedNote(connection)}
    ${view.isManager ? releaseForm(view.releaseAction, connection) : ""}
  </section>`;
}

function facts(connection: ConnectionView): Page {
  const {
    status,
    entra_domain: domain,
    last_sign_in_at: lastSignIn,
    last_sign_in_failure: failure,
  } = connection;
  return html`${factList([
      [cardTexts.state, cardTexts.states[status]],
      [
        cardTexts.directory,
        html`<span data-directory
          >${domain === undefined ? connection.entra_tenant_id : `${domain} (${cardTexts.verified})`}</span
        >`,
      ],
      [cardTexts.connected, cardTexts.connectedBy(connection.configured_by, dayOf(connection.configured_at))],
      [cardTexts.access, cardTexts.accesses[connection.access]],
      ...(isLive(connection) ? [[cardTexts.secret, secretWords(connection)] as const] : []),
      [cardTexts.lastSignIn, lastSignIn === undefined ? cardTexts.noSignIn : minuteOf(lastSignIn)],
      ...(failure
        ? [[cardTexts.lastFailure, `${minuteOf(failure.at)}: ${factsOf(failure.code).title}`] as const]
        : []),
    ])}
    ${failureTable(connection.sign_in_failures)}
    <details>
      <summary>${cardTexts.details}</summary>
      ${factList([
        [cardTexts.tenant, connection.entra_tenant_id],
        [cardTexts.application, connection.oidc_client_id],
        [cardTexts.connectionId, connection.id],
        [cardTexts.signInLink, connection.sign_in_url],
      ])}
    </details>`;
}

function secretWords({
  secret_renewal: { due_at: due, error },
  secret_expires_at: ends,
  access_released_at: released,
}: ConnectionView): string {
  if (released !== undefined) return cardTexts.secretLeft(dayOf(ends));
  return error === undefined
    ? cardTexts.secretRenewed(dayOf(due), dayOf(ends))
    : cardTexts.secretFails(dayOf(ends));
}

function attention({ repair }: CardView, { status, needs_attention: found }: ConnectionView): Page | "" {
  return found && status !== "disconnected" ? attentionNote(found, { status, repair }) : "";
}

function suspendedNote(organization: string, connection: ConnectionView): Page {
  const whoResumes = isByOperator(connection)
    ? cardTexts.operatorResumes
    : cardTexts.ownersResume(organization);
  return html`<div class="banner note">
    <h4>${cardTexts.suspendedTitle}</h4>
    <p>${cardTexts.suspendedMeans} ${whoResumes}</p>
    <p>${cardTexts.suspendedKeeps}</p>
  </div>`;
}

/** Owners do not bring that back. */
const isByOperator = ({ switched_off_by: sides = [] }: ConnectionView): boolean => sides.includes("operator");

function signInLinks({ sampleUrl, isNew }: CardView, connection: ConnectionView): Page {
  return html`<p class="actions">
    ${sampleUrl === undefined || isNew ? "" : html`<a class="button" href="${sampleUrl}">${connectTexts.trySample}</a>`}
    ${testLink(connection.sign_in_url, sampleUrl === undefined ? "button" : "button plain")}
  </p>`;
}

/** The test sign-in, in a tab of its own: the dashboard stays where it is. */
export function testLink(signInUrl: string, style: string): Page {
  return html`<a class="${style}" href="${signInUrl}" target="_blank" rel="noopener"
    >${connectTexts.testIt} <span class="small">${cardTexts.newTab}</span></a
  >`;
}

function management({ changeAction }: CardView, connection: ConnectionView): Page {
  const hint = `suspend-${connection.id}`;
  const isSuspended = connection.status === "suspended";
  const turn = html`<form method="post" action="${changeAction}" data-once>
    <input type="hidden" name="connection" value="${connection.id}" />
    <input type="hidden" name="status" value="${isSuspended ? "active" : "suspended"}" />
    ${isSuspended ? "" : html`<p id="${hint}">${cardTexts.suspendHint}</p>`}
    <p class="actions">
      <button class="${isSuspended ? "" : "plain"}" ${isSuspended ? "" : html`aria-describedby="${hint}"`}>
        ${isSuspended ? cardTexts.resume : cardTexts.suspend}
      </button>
    </p>
  </form>`;
  return html`${isByOperator(connection) ? "" : turn} ${accessChoice(changeAction, connection)}
    <details>
      <summary>${cardTexts.rename}</summary>
      <form method="post" action="${changeAction}" class="filter" data-once>
        <input type="hidden" name="connection" value="${connection.id}" />
        <label
          >${cardTexts.name}
          <input name="display_name" value="${connection.display_name}" maxlength="120" autocomplete="off"
        /></label>
        <button class="plain">${cardTexts.save}</button>
      </form>
      <p class="quiet">${cardTexts.nameHint}</p>
    </details>`;
}

function accessChoice(changeAction: string, connection: ConnectionView): Page {
  const { id, access, access_error: error, operation } = connection;
  const means = `access-${id}`;
  const choice = (value: "everyone" | "assigned"): Page =>
    html`<label class="choice"
      ><input type="radio" name="access" value="${value}" ${value === access ? "checked" : ""} />
      ${cardTexts.accesses[value]}</label
    >`;
  return html`${
      error && !operation
        ? html`<p>${cardTexts.accessFailed} ${factsOf(error.code).title}. ${factsOf(error.code).action}</p>`
        : ""
    }
    <details>
      <summary>${cardTexts.changeAccess}</summary>
      <form method="post" action="${changeAction}" data-once>
        <input type="hidden" name="connection" value="${id}" />
        <fieldset aria-describedby="${means}">
          <legend>${cardTexts.access}</legend>
          ${choice("everyone")} ${choice("assigned")}
        </fieldset>
        <p id="${means}">${cardTexts.accessMeans}</p>
        <p class="actions"><button class="plain">${cardTexts.saveAccess}</button></p>
      </form>
      <p>
        <a href="${connection.assignment_url}" rel="noreferrer">${errorTexts.assignmentPage}</a>
      </p>
    </details>`;
}

function underWayNote({ operation }: ConnectionView): Page | "" {
  if (!operation) return "";
  return html`<p role="status">
    ${cardTexts.underWay[operation.kind]}. <a href="/">${cardTexts.refresh}</a>
  </p>`;
}

function disconnection({ changeAction }: CardView, connection: ConnectionView): Page {
  const { id, display_name: name, last_sign_in_at: last, sign_ins_30_days: count } = connection;
  return html`<details>
    <summary>${cardTexts.disconnect}</summary>
    <form method="post" action="${changeAction}" data-once>
      <input type="hidden" name="connection" value="${id}" />
      <input type="hidden" name="act" value="disconnect" />
      <p id="disconnect-${id}">
        ${cardTexts.disconnectMeans(count, last === undefined ? "never" : minuteOf(last))}
      </p>
      ${typedName(name, `disconnect-${id}`)}
      <p class="actions"><button class="plain">${cardTexts.disconnectNow}</button></p>
    </form>
  </details>`;
}

function restoration({ changeAction }: CardView, connection: ConnectionView): Page | "" {
  const { id, restorable_until: until, operation, access_released_at: released } = connection;
  if (until === undefined || operation || released !== undefined || new Date(until) <= new Date()) return "";
  if (isByOperator(connection)) return html`<p>${cardTexts.operatorRestores(dayOf(until))}</p>`;
  return html`<form method="post" action="${changeAction}" data-once>
    <input type="hidden" name="connection" value="${id}" />
    <input type="hidden" name="act" value="restore" />
    <p id="restore-${id}">${cardTexts.restoreMeans(dayOf(until))}</p>
    <p class="actions">
      <button class="plain" aria-describedby="restore-${id}">${cardTexts.restore}</button>
    </p>
  </form>`;
}

const dayOf = (time: string): string => time.slice(0, 10);
const minuteOf = (time: string): string => `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`;
