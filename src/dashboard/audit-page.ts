import { html } from "hono/html";
import type { AuditEntry } from "../domain/audit-entry.ts";
import { layout, type Page } from "./layout.ts";
import { auditTexts, connectTexts } from "./texts.ts";

export interface AuditView {
  readonly organization: string;
  readonly person: Page;
  /** Days (UTC) as `YYYY-MM-DD`, both counted in; empty: no bound. */
  readonly from: string;
  readonly to: string;
  /** Newest first; undefined: this person may not see it. */
  readonly entries: readonly AuditEntry[] | undefined;
  /** Address of the next page; undefined: this is the last. */
  readonly olderUrl: string | undefined;
  /** Address of the export, without its format. */
  readonly exportUrl: string;
}

/** The organization's audit trail, for a reviewer: a time to choose, a page of entries, exports of the whole. */
export function auditPage(view: AuditView): Page {
  return layout({
    title: `${auditTexts.title}, ${view.organization}`,
    header: html`<div class="who">${view.person}</div>`,
    body: html`<h1>${view.organization}</h1>
      <nav class="tabs" aria-label="Organization">
        <a href="/">${connectTexts.tab}</a>
        <a href="/audit" aria-current="page">${auditTexts.title}</a>
      </nav>
      <h2>${auditTexts.title}</h2>
      ${view.entries === undefined ? html`<p role="alert">${auditTexts.notYours}</p>` : trail(view, view.entries)}`,
  });
}

function trail(view: AuditView, entries: readonly AuditEntry[]): Page {
  return html`<p>${auditTexts.hint}</p>
    <form method="get" action="/audit" class="filter">
      <label>${auditTexts.from} <input type="date" name="from" value="${view.from}" /></label>
      <label>${auditTexts.to} <input type="date" name="to" value="${view.to}" /></label>
      <button class="plain">${auditTexts.show}</button>
    </form>
    <p class="actions">
      <a class="button plain" href="${view.exportUrl}&format=csv" download>${auditTexts.csv}</a>
      <a class="button plain" href="${view.exportUrl}&format=jsonl" download>${auditTexts.jsonl}</a>
    </p>
    ${
      entries.length === 0
        ? html`<p>${auditTexts.nothing}</p>`
        : html`<ol class="trail">
            ${entries.map(entryItem)}
          </ol>`
    }
    ${view.olderUrl === undefined ? "" : html`<p><a href="${view.olderUrl}">${auditTexts.older}</a></p>`}`;
}

function entryItem(entry: AuditEntry): Page {
  const { at, action, actor_type: type, actor_id: id } = entry;
  const about = entry.connection_id ?? entry.provision_id ?? "";
  const details = Object.entries(entry.detail)
    .filter(([, value]) => value !== about)
    .map(([name, value]) => `${wordsOf(name)}: ${String(value)}`);
  return html`<li class="card">
    <h3>${auditTexts.actions[action] ?? sentenceOf(action)}</h3>
    <p class="quiet">
      <time datetime="${at}">${at.slice(0, 10)} ${at.slice(11, 19)} UTC</time>, ${auditTexts.by}
      ${type === "user" ? (id ?? "") : (auditTexts.actors[type] ?? type)}
    </p>
    <p>${about}</p>
    ${details.length === 0 ? "" : html`<p>${details.join(", ")}</p>`}
  </li>`;
}

const wordsOf = (name: string): string => name.replaceAll("_", " ");
const sentenceOf = (action: string): string => `${action.charAt(0).toUpperCase()}${wordsOf(action.slice(1))}`;
