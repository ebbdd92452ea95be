import { html } from "hono/html";
import { layout, type Page } from "./layout.ts";
import { developmentTexts } from "./texts.ts";

interface DevelopmentPerson {
  readonly id: string;
  readonly name: string;
  readonly role: string;
}

/** Chooses who one is, without a password: for the embedded stack only, which says so. */
export function developmentSignInPage(organization: string, people: readonly DevelopmentPerson[]): Page {
  return layout({
    title: developmentTexts.title,
    body: html`<h1>${developmentTexts.title}: ${organization}</h1>
      <section class="card">
        <p>${developmentTexts.text}</p>
        <form method="post" action="/dev/sign-in">
          <div class="actions">
            ${people.map((person, index) => personButton(person, index === 0 ? "" : "plain"))}
          </div>
        </form>
      </section>`,
  });
}

/** The same choice, small, in the header. */
export function developmentPersonMenu(people: readonly DevelopmentPerson[], current: string): Page {
  return html`<span>${current}</span>
    <details>
      <summary>${developmentTexts.change}</summary>
      <form method="post" action="/dev/sign-in">
        <div class="actions">${people.map((person) => personButton(person, "plain"))}</div>
      </form>
    </details>`;
}

function personButton(person: DevelopmentPerson, style: string): Page {
  return html`<button class="${style}" name="user" value="${person.id}">
    ${person.name} (${person.role})
  </button>`;
}
