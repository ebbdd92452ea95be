import { setTimeout as sleep } from "node:timers/promises";
import { isFinal, type ProvisionRequest } from "../../domain/provision-request.ts";
import type { ApiDeps } from "../deps.ts";
import { buildReturnUrl } from "../return-url.ts";

/** The request whose outcome counts: the one it joined, else itself. */
async function followJoined(deps: ApiDeps, request: ProvisionRequest): Promise<ProvisionRequest> {
  if (request.status !== "superseded" || request.joinedRequestId === null) return request;
  return (await deps.watcher.row(request.joinedRequestId)) ?? request;
}

/**
 * Looks at the row until the outcome is there or the time is up; returns the request that counts. Many who wait for one
 * request share the looks.
 */
export async function waitForOutcome(
  deps: ApiDeps,
  request: ProvisionRequest,
  waitMs: number,
): Promise<ProvisionRequest> {
  const endMs = Date.now() + waitMs;
  let pauseMs = 25;
  let current = await followJoined(deps, request);
  while (!isFinal(current.status) && Date.now() < endMs) {
    await sleep(Math.min(pauseMs, Math.max(endMs - Date.now(), 1)));
    pauseMs = Math.min(pauseMs * 1.2, 250);
    current = (await deps.watcher.row(current.id)) ?? current;
  }
  return current;
}

/** The return URL of an ended request, allow-list checked anew. `own` is the request the person started. */
export function outcomeUrl(deps: ApiDeps, own: ProvisionRequest, counted: ProvisionRequest): string {
  const { config } = deps;
  return buildReturnUrl(
    own.returnTo,
    config.dashboardUrl,
    config.returnHosts,
    counted.status === "succeeded"
      ? { ok: "microsoft_connected", connection: counted.connectionId ?? "" }
      : { error: counted.errorCode ?? "internal", request: own.id },
  );
}
