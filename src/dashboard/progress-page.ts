import { html } from "hono/html";
import type { StepProgress } from "../domain/provision-contract.ts";
import { assetUrls } from "./assets.ts";
import { layout, type Page } from "./layout.ts";
import { progressTexts, stepStateTexts, stepTitles } from "./texts.ts";

/** Progress as the page, its events and its polling show it: finished sentences, so that no text lives in script. */
export interface ProgressView {
  readonly title: string;
  readonly hint: string;
  readonly steps: readonly {
    readonly name: string;
    readonly title: string;
    readonly state: StepProgress["state"];
    readonly text: string;
  }[];
  /** Where the browser goes now that it is settled. */
  readonly location?: string;
}

const slowAfterMs = 10_000;

export function progressView(steps: readonly StepProgress[], location?: string): ProgressView {
  const begun = steps.some(({ state }) => state !== "pending");
  const hint = location
    ? progressTexts.settled
    : begun
      ? steps.some(isSlow)
        ? progressTexts.slow
        : progressTexts.working
      : progressTexts.waiting;
  const isRelease = steps.some(({ name }) => name === "releaseAccess");
  return {
    title: isRelease ? progressTexts.releaseTitle : progressTexts.title,
    hint,
    steps: steps.map((step) => ({
      name: step.name,
      title: stepTitles[step.name],
      state: step.state,
      text: stateText(step),
    })),
    ...(location === undefined ? {} : { location }),
  };
}

function isSlow(step: StepProgress): boolean {
  const forMs = step.startedAt === undefined ? 0 : Date.now() - Date.parse(step.startedAt);
  return (
    (step.state === "retrying" && step.attempts > 2) ||
    ((step.state === "running" || step.state === "retrying") && forMs > slowAfterMs)
  );
}

function stateText(step: StepProgress): string {
  const attempt = step.attempts > 1 && step.state !== "done" ? ` (attempt ${step.attempts})` : "";
  const note = step.note !== undefined && step.state === "retrying" ? `: ${step.note}` : "";
  return `${stepStateTexts[step.state]}${attempt}${note}`;
}

/** Live by server-sent events, by polling where they fail, by reloading where there is no script. */
export function progressPage(view: ProgressView & { requestId: string }): Page {
  return layout({
    title: view.title,
    head: html`<noscript><meta http-equiv="refresh" content="2" /></noscript>
      <script type="module" src="${assetUrls["progress.js"]}"></script>`,
    body: html`<h1>${view.title}</h1>
      <section class="card" data-progress>
        <p data-hint role="status">${view.hint}</p>
        <ol class="steps">
          ${view.steps.map(
            (step) =>
              html`<li data-step="${step.name}" data-state="${step.state}">
                <span class="mark" aria-hidden="true"></span><span>${step.title}</span
                ><span class="state">${step.text}</span>
              </li>`,
          )}
        </ol>
        <p class="quiet">${progressTexts.mayClose}</p>
        <p class="quiet" data-lost hidden role="status">${progressTexts.connectionLost}</p>
      </section>
      <p class="quiet">${progressTexts.reference} ${view.requestId}</p>`,
  });
}
