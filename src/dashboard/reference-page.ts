import { html } from "hono/html";
import { factList, layout, type Page } from "./layout.ts";
import { referenceTexts } from "./texts.ts";

/** A field, by its path within its object. */
export interface FieldRow {
  readonly name: string;
  readonly isRequired: boolean;
  /** In words; `shape` names what stands among the shapes. */
  readonly type: { readonly text: string; readonly shape?: string | undefined };
  readonly description?: string | undefined;
}

export interface OperationView {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  /** Ways to show who calls; empty: none is needed. */
  readonly security: readonly string[];
  readonly parameters: readonly FieldRow[];
  readonly body: readonly FieldRow[];
  readonly answers: readonly {
    readonly status: string;
    readonly lines: readonly string[];
    readonly contents: readonly { readonly mediaType: string; readonly type: FieldRow["type"] }[];
    readonly fields: readonly FieldRow[];
  }[];
}

/** The API reference, ready to be shown. */
export interface ReferenceView {
  readonly title: string;
  readonly description: string;
  readonly documentUrl: string;
  readonly chapters: readonly {
    readonly name: string;
    readonly description: string;
    readonly operations: readonly OperationView[];
  }[];
  readonly shapes: readonly {
    readonly name: string;
    readonly description?: string | undefined;
    readonly fields: readonly FieldRow[];
  }[];
}

/** For people who read what `/openapi.json` says. Each call and each shape has an address of its own. */
export function referencePage(view: ReferenceView): Page {
  return layout({
    title: referenceTexts.title,
    body: html`<h1>${view.title}</h1>
      <p>${view.description}</p>
      <p><a href="${view.documentUrl}">${referenceTexts.document}</a></p>
      ${view.chapters.map(
        (chapter) =>
          html`<h2>${chapter.name}</h2>
            <p>${chapter.description}</p>
            ${chapter.operations.map(operationCard)}`,
      )}
      <h2>${referenceTexts.shapes}</h2>
      ${view.shapes.map(
        (shape) =>
          html`<section class="card" id="shape-${shape.name}">
            <h3>${shape.name}</h3>
            ${shape.description === undefined ? "" : html`<p>${withCode(shape.description)}</p>`}
            ${fieldList(shape.fields)}
          </section>`,
      )}`,
  });
}

function operationCard(view: OperationView): Page {
  return html`<section class="card" id="${view.name}">
    <h3>${view.summary}</h3>
    <p><code>${view.method} ${view.path}</code></p>
    <p>${withCode(view.description)}</p>
    <details>
      <summary>${referenceTexts.details}</summary>
      ${
        view.security.length === 0
          ? ""
          : html`<h4>${referenceTexts.security}</h4>
              <ul>
                ${view.security.map((way) => html`<li>${withCode(way)}</li>`)}
              </ul>`
      }
      ${group(referenceTexts.parameters, view.parameters)} ${group(referenceTexts.body, view.body)}
      ${view.answers.map(
        (one) =>
          html`<h4>${referenceTexts.answer} ${one.status}</h4>
            ${one.contents.map(({ mediaType, type }) => html`<p><code>${mediaType}</code> ${typeOf(type)}</p>`)}
            <ul>
              ${one.lines.map((line) => html`<li>${withCode(line)}</li>`)}
            </ul>
            ${fieldList(one.fields)}`,
      )}
    </details>
  </section>`;
}

function group(title: string, fields: readonly FieldRow[]): Page | "" {
  return fields.length === 0
    ? ""
    : html`<h4>${title}</h4>
        ${fieldList(fields)}`;
}

function fieldList(fields: readonly FieldRow[]): Page | "" {
  if (fields.length === 0) return "";
  return factList(
    fields.map(({ name, type, isRequired, description }) => [
      name,
      html`${typeOf(type)}${isRequired ? "" : html` (${referenceTexts.optional})`}${description === undefined ? "" : html`<br />${withCode(description)}`}`,
    ]),
  );
}

function typeOf({ text, shape }: FieldRow["type"]): Page {
  return shape === undefined ? html`${text}` : html`<a href="#shape-${shape}">${text}</a>`;
}

/** Backticks mark what is to be read letter by letter. */
function withCode(text: string): Page {
  return html`${text.split("`").map((part, at) => (at % 2 === 0 ? part : html`<code>${part}</code>`))}`;
}
