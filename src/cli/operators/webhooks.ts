import { setTimeout as sleep } from "node:timers/promises";
import { deliveryView, endpointView } from "../../api/operators/webhook-views.ts";
import { loadApiConfig } from "../../config/load-config.ts";
import { listDeliveries, listEndpoints, removeEndpoint } from "../../db/webhooks/endpoints.ts";
import { CodedError } from "../../domain/coded-error.ts";
import { type EventName, eventNames } from "../../domain/events.ts";
import { readGivenTime } from "../../domain/given-time.ts";
import type { SecretText } from "../../domain/secret-text.ts";
import type { WebhookDelivery, WebhookEndpoint } from "../../domain/webhooks.ts";
import { addWebhook, replayWebhook, rotateWebhookSecret, testWebhook } from "../../operations/webhooks.ts";
import { createResolveHost } from "../../processes/resolve-host.ts";
import { environmentKeyWrapping } from "../../sealing/environment-key-wrapping.ts";
import type { KeyWrapping } from "../../sealing/key-wrapping.ts";
import type { OperatorOptions, Shell } from "./options.ts";
import { operatorName, type OperatorTools, withTools } from "./tools.ts";
import { monotonicMs } from "../../domain/monotonic-ms.ts";

const testWaitMs = 30_000;

/** `webhooks`, `webhooks add URL`, `rotate ID`, `test ID`, `replay ID`, `remove ID`. @throws {TypeError} what to give instead */
export async function webhooks(
  [action = "list", target]: readonly string[],
  options: OperatorOptions,
  shell: Shell,
): Promise<number> {
  return withTools(shell, async (tools) => {
    switch (action) {
      case "list":
        return list(tools, options, shell);
      case "add":
        return add(tools, named(target, "the address, https://…"), options, shell);
      case "rotate":
        return rotate(tools, named(target, "an endpoint's id, whk_…"), options, shell);
      case "remove": {
        const id = named(target, "an endpoint's id, whk_…");
        if (!(await removeEndpoint(tools.database, id))) throw new CodedError("not_found", id);
        shell.print(options.json ? JSON.stringify({ id }) : `${id} is removed; nothing more is sent to it.`);
        return 0;
      }
      case "test":
        return test(tools, named(target, "an endpoint's id, whk_…"), options, shell);
      case "replay":
        return replay(tools, named(target, "an endpoint's id, whk_…"), options, shell);
      default:
        throw new TypeError("webhooks takes list, add URL, rotate ID, test ID, replay ID or remove ID");
    }
  });
}

function named(given: string | undefined, what: string): string {
  if (given === undefined) throw new TypeError(`give ${what}`);
  return given;
}

async function list({ database }: OperatorTools, options: OperatorOptions, shell: Shell): Promise<number> {
  const endpoints = await listEndpoints(database);
  if (options.json) {
    shell.print(JSON.stringify({ data: endpoints.map(endpointView) }));
    return 0;
  }
  for (const endpoint of endpoints) {
    shell.print(lineOf(endpoint));
    const [latest] = await listDeliveries(database, endpoint.id);
    if (latest) shell.print(`  last: ${resultOf(latest)}`);
  }
  if (endpoints.length === 0) shell.print("No webhook endpoints.");
  return 0;
}

async function add(
  { database }: OperatorTools,
  url: string,
  options: OperatorOptions,
  shell: Shell,
): Promise<number> {
  const { ssoOrigin, allowInsecureLoopback: allowLoopback } = loadApiConfig(shell.environment);
  const ctx = {
    database,
    keyWrapping: keyWrappingOf(shell),
    resolveHost: createResolveHost(),
    ssoOrigin,
    allowLoopback,
  };
  const { endpoint, secret } = await addWebhook({
    ctx,
    input: {
      url,
      events: readNames(options.event),
      description: options.description ?? null,
      operator: operatorName(shell),
    },
  });
  return show(endpoint, secret, options, shell);
}

async function rotate(
  { database }: OperatorTools,
  id: string,
  options: OperatorOptions,
  shell: Shell,
): Promise<number> {
  const ctx = { database, keyWrapping: keyWrappingOf(shell) };
  const { endpoint, secret } = await rotateWebhookSecret({ ctx, input: { id } });
  show(endpoint, secret, options, shell);
  if (!options.json) shell.print("  the one before signs beside it for 24 hours");
  return 0;
}

function show(
  endpoint: WebhookEndpoint,
  secret: SecretText,
  options: OperatorOptions,
  { print }: Shell,
): number {
  if (options.json) print(JSON.stringify({ ...endpointView(endpoint), secret: secret.reveal() }));
  else {
    print(lineOf(endpoint));
    print(`  secret, shown this once: ${secret.reveal()}`);
  }
  return 0;
}

function keyWrappingOf({ environment }: Shell): KeyWrapping {
  const { keyring } = loadApiConfig(environment);
  if (!keyring)
    throw new TypeError("AUTHIO_IMPORT_CREDS_KEY is not set; webhook secrets are sealed under it");
  return environmentKeyWrapping(keyring);
}

/** Waits for the worker that sends it. */
async function test(
  { database }: OperatorTools,
  id: string,
  options: OperatorOptions,
  shell: Shell,
): Promise<number> {
  const sent = await testWebhook({ ctx: { database }, input: { id } });
  for (const endMs = monotonicMs() + testWaitMs; monotonicMs() < endMs; await sleep(500)) {
    const delivery = (await listDeliveries(database, id)).find((one) => one.id === sent);
    if (delivery === undefined || delivery.status === "waiting") continue;
    shell.print(options.json ? JSON.stringify(deliveryView(delivery)) : resultOf(delivery));
    return delivery.status === "delivered" ? 0 : 1;
  }
  shell.print(
    options.json
      ? JSON.stringify({ id: `whd_${sent}`, status: "waiting" })
      : "No worker has sent it yet; it is sent as soon as one runs.",
  );
  return 1;
}

async function replay(
  { database }: OperatorTools,
  id: string,
  options: OperatorOptions,
  shell: Shell,
): Promise<number> {
  const queued = await replayWebhook({ ctx: { database }, input: { id, wish: readWish(options) } });
  if (options.json) shell.print(JSON.stringify({ queued }));
  else shell.print(`${queued} ${queued === 1 ? "delivery is" : "deliveries are"} sent again.`);
  return 0;
}

function readWish({ delivery, from, to }: OperatorOptions) {
  const id = /^whd_(\d{1,15})$/.exec(delivery ?? "")?.[1];
  if (id !== undefined) return { deliveryId: Number(id) };
  const [start, end] = [readGivenTime(from ?? ""), to === undefined ? new Date() : readGivenTime(to)];
  if (!start || !end)
    throw new TypeError("give --delivery whd_…, or --from TIME [--to TIME], such as 2026-11-28T12:00:00Z");
  return { from: start, to: end };
}

function readNames(given: string | undefined): EventName[] | null {
  if (given === undefined) return null;
  return given.split(",").map((word) => {
    const name = eventNames.find((known) => known === word.trim());
    if (name === undefined)
      throw new TypeError(`--event takes some of ${eventNames.join(", ")}, with commas`);
    return name;
  });
}

function lineOf({ id, url, status, offReason, failingSince, events }: WebhookEndpoint): string {
  const state = offReason === null ? status : `off (${offReason})`;
  const failing = failingSince === null ? "" : `  failing since ${failingSince.toISOString()}`;
  return `${id}  ${state.padEnd(13)} ${url}  ${events?.join(",") ?? "every event"}${failing}`;
}

function resultOf({ id, status, attempts, lastStatus, lastError }: WebhookDelivery): string {
  const answer = lastStatus === null ? "" : `, answered ${lastStatus}`;
  return `whd_${id} ${status}, attempts ${attempts}${answer}${lastError === null ? "" : `: ${lastError}`}`;
}
