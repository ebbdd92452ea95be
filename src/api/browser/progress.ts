import type { Context } from "hono";
import { z } from "zod";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";
import { progressPage, type ProgressView, progressView } from "../../dashboard/progress-page.ts";
import { CodedError } from "../../domain/coded-error.ts";
import { provisionRequestIdSchema } from "../../domain/ids.schema.ts";
import { isFinal, isUnproved, type ProvisionRequest } from "../../domain/provision-request.ts";
import { browserCookie, isSameBrowser } from "./browser-binding.ts";
import type { AppEnv } from "../app-env.ts";
import { provisionPath } from "../contract/fields.ts";
import { answer, describeRoute } from "../contract/route.ts";
import type { ApiDeps } from "../deps.ts";
import { outcomeUrl, waitForOutcome } from "./outcome.ts";
import { stepsOf } from "../session/steps-of.ts";

const progressSchema = z
  .object({
    title: z.string(),
    hint: z.string(),
    steps: z
      .array(
        z.object({
          name: z.string(),
          title: z.string(),
          state: z.enum(["pending", "running", "retrying", "done", "failed"]),
          text: z.string(),
        }),
      )
      .readonly(),
    location: z.string().exactOptional().meta({ description: "There once it is settled: where to go." }),
  })
  .meta({ id: "Progress", description: "Finished sentences for the page." });

export const progressRoute = describeRoute({
  methods: ["get"],
  path: "/v1/sso/microsoft/provisions/{id}",
  servedBy: "sso",
  operationId: "showProgress",
  tag: "Connecting, in the browser",
  summary: "Progress, for the browser that started",
  description: "With `Accept: application/json` the same as data.",
  caller: "browser",
  parameters: provisionPath,
  answers: {
    200: { description: "How far it is.", schema: progressSchema, contentTypes: ["text/html"] },
    303: { description: "It is settled.", headers: { Location: "The return address, with the outcome." } },
  },
  refusals: ["not_found"],
  refusesBy: { kind: "page", clean: false, json: true },
});

/**
 * `GET /v1/sso/microsoft/provisions/{id}`: progress for the starter's browser; once settled, 303 to the return URL.
 * With `Accept: application/json` the same as data, for polling; its `location` says that it is settled.
 */
export async function progress(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const request = await requireStarterRequest(c, deps);
  const view = await currentView(deps, request);
  if (c.req.header("accept")?.includes("application/json")) return answer(c, progressRoute, 200, view);
  if (view.location !== undefined) return c.redirect(view.location, 303);
  return c.html(progressPage({ ...view, requestId: request.id }));
}

export const progressEventsRoute = describeRoute({
  methods: ["get"],
  path: "/v1/sso/microsoft/provisions/{id}/events",
  servedBy: "sso",
  operationId: "streamProgress",
  tag: "Connecting, in the browser",
  summary: "Progress as server-sent events",
  description:
    "A `progress` event at each change, with what the page has as data; the last one has `location`.",
  caller: "browser",
  parameters: provisionPath,
  answers: {
    200: { description: "For a minute at most; then connect again.", contentTypes: ["text/event-stream"] },
  },
  refusals: ["not_found", "too_many_event_streams"],
  refusesBy: { kind: "problem" },
});

/** Often enough to feel live; together, streams look at most 200 times a second, so that many of them look less often. */
const lookEveryMs = 500;
const lookMsPerStream = 5;
/** Then the browser connects again, perhaps to another process. Also a forgotten tab's pace. */
const streamForMs = 60_000;
/** For what is being written when a stream ends. */
const lastWordsMs = 1000;
/** A page that was refused a stream asks about as often. */
const askAgainMs = 2000;

/**
 * `GET /v1/sso/microsoft/provisions/{id}/events`: a `progress` event at each change; the last one has `location`.
 * Each request and browser has a few streams, counted before anything is looked up.
 * @throws {CodedError} not_found, too_many_event_streams
 */
export async function progressEvents(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const id = provisionRequestIdSchema.safeParse(c.req.param("id"));
  const browser = browserCookie(c);
  if (!id.success || browser === undefined) throw new CodedError("not_found");
  const leave = deps.streamPlaces.take({ request: id.data, browser });
  if (!leave) throw new CodedError("too_many_event_streams", undefined, { retryAfterMs: askAgainMs });
  try {
    const request = await requireStarterRequest(c, deps);
    c.header("x-accel-buffering", "no");
    return streamSSE(c, (stream) => sendProgress(deps, request, stream).finally(leave));
  } catch (error) {
    leave();
    throw error;
  }
}

/** Ends when it is settled, when the browser leaves, when its time is over, and when the process stops. */
async function sendProgress(
  deps: ApiDeps,
  request: ProvisionRequest,
  stream: SSEStreamingApi,
): Promise<void> {
  const over = new AbortController();
  let giveUp: NodeJS.Timeout | undefined;
  const end = (): void => {
    over.abort();
    // A write waits for as long as nobody reads.
    giveUp ??= setTimeout(() => stream.abort(), lastWordsMs);
  };
  stream.onAbort(end);
  deps.stopping.addEventListener("abort", end, { once: true });
  const timer = setTimeout(end, streamForMs);
  const watch = deps.watcher.watch(request.id);
  try {
    await stream.writeSSE({ data: "", event: "open", retry: 1000 });
    let last = "";
    while (!over.signal.aborted && !deps.stopping.aborted) {
      const current = await deps.watcher.row(request.id).catch(() => undefined);
      const view = current && (await currentView(deps, current).catch(() => undefined));
      const data = view === undefined ? last : JSON.stringify(view);
      if (data !== last) await stream.writeSSE({ event: "progress", data });
      last = data;
      if (view?.location !== undefined) return;
      // Before the proof there are no steps that could move.
      const isTold = watch.isTold && current !== undefined && isUnproved(current.status);
      const pauseMs = Math.max(lookEveryMs, lookMsPerStream * deps.streamPlaces.taken);
      await watch.change(isTold ? streamForMs : pauseMs, over.signal);
    }
  } finally {
    watch.close();
    clearTimeout(timer);
    clearTimeout(giveUp);
    deps.stopping.removeEventListener("abort", end);
  }
}

async function requireStarterRequest(c: Context<AppEnv>, deps: ApiDeps): Promise<ProvisionRequest> {
  const id = provisionRequestIdSchema.safeParse(c.req.param("id"));
  const request = id.success ? await deps.watcher.row(id.data) : undefined;
  if (!request || !deps.keyed || !isSameBrowser(c, deps.keyed.browserKeys, request))
    throw new CodedError("not_found");
  return request;
}

async function currentView(deps: ApiDeps, request: ProvisionRequest): Promise<ProgressView> {
  const counted = await waitForOutcome(deps, request, 0);
  const settled = isFinal(counted.status);
  const steps = await stepsOf(deps, counted);
  return progressView(steps, settled ? outcomeUrl(deps, request, counted) : undefined);
}
