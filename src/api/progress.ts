import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import { progressPage, type ProgressView, progressView } from "../dashboard/progress-page.ts";
import { findRequest } from "../db/provision-requests/find-request.ts";
import { CodedError } from "../domain/coded-error.ts";
import { isFinal, type ProvisionRequest } from "../domain/provision-request.ts";
import { isSameBrowser } from "./browser-binding.ts";
import type { ApiDeps, AppEnv } from "./deps.ts";
import { outcomeUrl, waitForOutcome } from "./drive-request.ts";
import { requireRequest, stepsOf } from "./provision-status.ts";

/**
 * `GET /v1/sso/microsoft/provisions/{id}`: progress for the starter's browser; once settled, 303 to the return URL.
 * With `Accept: application/json` the same as data, for polling; its `location` says that it is settled.
 */
export async function progress(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const request = await requireStarterRequest(c, deps);
  const view = await currentView(deps, request);
  if (c.req.header("accept")?.includes("application/json")) return c.json(view);
  if (view.location !== undefined) return c.redirect(view.location, 303);
  return c.html(progressPage({ ...view, requestId: request.id }));
}

/** Often enough to feel live; the streams of forgotten tabs must not load the database. */
const lookEveryMs = 500;
/** Then the browser connects again, perhaps to another process. Also a forgotten tab's pace. */
const streamForMs = 60_000;

/** `GET /v1/sso/microsoft/provisions/{id}/events`: a `progress` event at each change; the last one has `location`. */
export async function progressEvents(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const request = await requireStarterRequest(c, deps);
  c.header("x-accel-buffering", "no");
  return streamSSE(c, async (stream) => {
    const endMs = Date.now() + streamForMs;
    let last = "";
    await stream.writeSSE({ data: "", event: "open", retry: 1000 });
    while (!stream.aborted && !deps.stopping.aborted && Date.now() < endMs) {
      const current = await findRequest(deps.database, request.id).catch(() => undefined);
      const view = current && (await currentView(deps, current).catch(() => undefined));
      const data = view === undefined ? last : JSON.stringify(view);
      if (data !== last) await stream.writeSSE({ event: "progress", data });
      last = data;
      if (view?.location !== undefined) return;
      await sleep(lookEveryMs, undefined, { signal: deps.stopping }).catch(() => undefined);
    }
  });
}

async function requireStarterRequest(c: Context<AppEnv>, deps: ApiDeps): Promise<ProvisionRequest> {
  const request = await requireRequest(deps, c.req.param("id"));
  if (!deps.keyed || !isSameBrowser(c, deps.keyed.browserKeys, request.browserHash))
    throw new CodedError("not_found");
  return request;
}

async function currentView(deps: ApiDeps, request: ProvisionRequest): Promise<ProgressView> {
  const counted = await waitForOutcome(deps, request, 0);
  const settled = isFinal(counted.status);
  const steps = await stepsOf(deps, counted);
  return progressView(steps, settled ? outcomeUrl(deps, request, counted) : undefined);
}
