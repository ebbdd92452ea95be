import { hashOf } from "../../db/hash-of.ts";
import { CodedError } from "../../domain/coded-error.ts";
import { type ClickIntent, isFinal, type ProvisionRequest } from "../../domain/provision-request.ts";
import { confirmTokenOf } from "../../entra/proof-hop.ts";
import type { ApiDeps } from "../deps.ts";
import type { Watch } from "../request-watcher.ts";
import { buildReturnUrl } from "../return-url.ts";
import { isConfirmHost } from "../session/binding-mode.ts";
import { monotonicMs } from "../../domain/monotonic-ms.ts";

/** The request whose outcome counts: the one it joined, else itself. */
async function followJoined(deps: ApiDeps, request: ProvisionRequest): Promise<ProvisionRequest> {
  if (request.status !== "superseded" || request.joinedRequestId === null) return request;
  return (await deps.watcher.row(request.joinedRequestId)) ?? request;
}

/** Between looks: where PostgreSQL tells of a change, to be safe alone; else growing pauses. */
const pauses = { whenToldMs: 1000, firstMs: 25, mostMs: 250 };

/**
 * Waits until the outcome is there or the time is up; returns the request that counts. Many who wait for one request
 * share the looks.
 */
export async function waitForOutcome(
  deps: ApiDeps,
  request: ProvisionRequest,
  waitMs: number,
): Promise<ProvisionRequest> {
  const counted = await followJoined(deps, request);
  if (isFinal(counted.status) || waitMs <= 0) return counted;
  const watch = deps.watcher.watch(counted.id);
  try {
    return await untilFinal(deps, counted, watch, monotonicMs() + waitMs);
  } finally {
    watch.close();
  }
}

async function untilFinal(
  deps: ApiDeps,
  request: ProvisionRequest,
  watch: Watch,
  endMs: number,
): Promise<ProvisionRequest> {
  let pauseMs = pauses.firstMs;
  let current = request;
  for (;;) {
    // Looked at after the watch began: no change falls between the two.
    current = (await deps.watcher.row(current.id)) ?? current;
    const leftMs = endMs - monotonicMs();
    if (isFinal(current.status) || leftMs <= 0) return current;
    await watch.change(Math.min(watch.isTold ? pauses.whenToldMs : pauseMs, leftMs));
    pauseMs = Math.min(pauseMs * 1.2, pauses.mostMs);
  }
}

/** How a dashboard is told that a click came to its end. */
const okOf: Readonly<Record<ClickIntent, string>> = {
  connect: "microsoft_connected",
  release: "microsoft_released",
};

/** The return URL of an ended request, allow-list checked anew. `own` is the request the person started. */
export function outcomeUrl(deps: ApiDeps, own: ProvisionRequest, counted: ProvisionRequest): string {
  const { config } = deps;
  return buildReturnUrl(
    own.returnTo,
    config.dashboardUrl,
    config.returnHosts,
    counted.status === "succeeded"
      ? { ok: okOf[counted.intent], connection: counted.connectionId ?? "" }
      : { error: counted.errorCode ?? "internal", request: own.id },
  );
}

/**
 * Back to the dashboard with the one-time value; from there on the dashboard shows the steps itself. Undefined when the
 * host is not listed for confirmation any more.
 * @throws {CodedError} internal where no key of the ring made the value that the row accepts
 */
export function confirmUrl(
  { config }: ApiDeps,
  { proof }: NonNullable<ApiDeps["consent"]>,
  { id, browserHash, confirmHash, returnTo }: ProvisionRequest,
): string | undefined {
  // Recorded by a replica whose active key may be another; its value is the one that the row accepts.
  const token = proof.proofKeys.all
    .map((key) => confirmTokenOf(key, id, browserHash ?? ""))
    .find((one) => hashOf(one) === confirmHash);
  if (token === undefined) throw new CodedError("internal");
  const answer = { request: id, ms_confirm: token };
  const url = buildReturnUrl(returnTo, config.dashboardUrl, config.returnHosts, answer);
  return isConfirmHost(url, config.confirmHosts) ? url : undefined;
}

/** The same for a request whose time is up although nobody has written so yet. */
export function expiredUrl(deps: ApiDeps, own: ProvisionRequest): string {
  const over = { status: "expired", errorCode: "request_expired", completedAt: new Date() } as const;
  return outcomeUrl(deps, own, { ...own, ...over });
}
