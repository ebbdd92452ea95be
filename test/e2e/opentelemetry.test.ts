import { afterAll, beforeAll, expect, it } from "vitest";
import { loadApiConfig } from "../../src/config/load-config.ts";
import { Browser } from "../../src/embedded/browser.ts";
import { freePort } from "../../src/embedded/free-port.ts";
import { factsOfKind } from "../../src/domain/operation-kinds.ts";
import { openObservers } from "../../src/processes/observers.ts";
import { createReadiness } from "../../src/operations/readiness.ts";
import { type ReceivedSpan, startOtlpReceiver } from "../support/otlp-receiver.ts";
import { formsOf, leaks } from "../support/plaintext.ts";
import {
  connect,
  consent,
  eventually,
  newOrg,
  type Product,
  start,
  startProduct,
} from "../support/product.ts";
import { beginSignIn, chooseUser, connectTenant } from "../support/sign-in.ts";
import { recordHistory } from "../support/record-history.ts";

// A collector of ours takes what api and worker send, over the wire.

let product: Product;
let collector: Awaited<ReturnType<typeof startOtlpReceiver>>;
let observers: Awaited<ReturnType<typeof openObservers>>[];
const startName = "POST /v1/session/orgs/:orgId/ms-provision/start";
const callbackName = "GET /v1/sso/microsoft/consent/callback";

const settingsOf = (endpoint: string, own: Record<string, string> = {}) =>
  loadApiConfig({ ...product.environment, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...own });

beforeAll(async () => {
  [product, collector] = await Promise.all([startProduct(), startOtlpReceiver()]);
  const settings = settingsOf(`${collector.endpoint}/`, {
    OTEL_EXPORTER_OTLP_HEADERS: "x-collector-key=very%20secret",
    OTEL_METRIC_EXPORT_INTERVAL: "500",
  });
  observers = await Promise.all(
    (["api", "worker"] as const).map((name) => openObservers(settings, name, product.log)),
  );
  const api = product.addReplica({}, observers[0]?.ports);
  const look = createReadiness(api);
  observers[0]?.send(async () => ({ ...api, readiness: await look() }));
  await product.startWorker({}, {}, observers[1]?.ports);
});
afterAll(async () => {
  await product.stop();
  await Promise.all(observers.map((one) => one.stop()));
  await collector.stop();
});

const attribute = (name: string, value: string) => (span: ReceivedSpan) => span.attributes[name] === value;
const named = (name: string) => (span: ReceivedSpan) => span.name === name;
/** Parent and child, each under its name. */
function pairsOf(spans: readonly ReceivedSpan[]): string[] {
  const names = new Map(spans.map(({ spanId, name }) => [spanId, name]));
  const pairs = spans.map(({ parentId, name }) => `${names.get(parentId) ?? "-"} > ${name}`);
  return [...new Set(pairs)].toSorted();
}

it("a click is one trace: start, what the callbacks do, the run, its steps, their calls and statements", async () => {
  const { id } = await connect(product, product.addTenant());
  await eventually(() => collector.spans.some(named("workflow provisionMicrosoftConnection")));
  await eventually(() => collector.spans.filter(named(callbackName)).length === 2);
  const step = collector.spans.find(attribute("authio.provision_id", id));
  const trace = collector.spans.filter(({ traceId }) => traceId === step?.traceId);
  const pairs = pairsOf(trace);
  const run = "workflow provisionMicrosoftConnection";
  expect(pairs).toEqual(
    expect.arrayContaining([
      `- > ${startName}`,
      `${startName} > consent record_consent`,
      `${startName} > consent redeem`,
      `consent redeem > microsoft code`,
      `consent redeem > ${run}`,
      ...factsOfKind("connect").steps.map((name) => `${run} > activity ${name}`),
      "activity instantiateApplication > microsoft POST /applicationTemplates/{id}/instantiate",
      "activity addPassword > microsoft POST /applications/{id}/addPassword",
      "activity upsertConnection > postgres select connection_operations",
      `${startName} > postgres insert ms_provision_requests`,
    ]),
  );
  expect(pairs.filter((pair) => pair.startsWith("- > "))).toEqual([`- > ${startName}`]);
  const callbacks = collector.spans.filter(named(callbackName)).map(({ spanId }) => spanId);
  const linked = trace.filter(({ name }) => name.startsWith("consent ")).flatMap(({ links }) => links);
  expect(linked.toSorted()).toEqual(callbacks.toSorted());
  expect(trace.filter(({ ms }) => ms < 0)).toEqual([]);
});

it("a sign-in is two traces of the browser's, the code exchange within the second", async () => {
  const { tenant, base } = await connectTenant(product);
  const browser = new Browser();
  const callback = await chooseUser(browser, tenant, await beginSignIn(browser, base));
  expect((await browser.request(callback, { headers: { accept: "application/json" } })).status).toBe(200);
  const name = "GET /v1/sso/connections/:connectionId/callback";
  await eventually(() => collector.spans.some(named(name)));
  const root = collector.spans.find(named(name));
  const trace = collector.spans.filter(({ traceId }) => traceId === root?.traceId);
  expect(pairsOf(trace)).toEqual(expect.arrayContaining([`- > ${name}`, `${name} > microsoft code`]));
  expect(root?.attributes).toMatchObject({
    "http.request.method": "GET",
    "http.response.status_code": 200,
    "authio.request_id": expect.stringMatching(/^req_/) as unknown,
  });
});

it("who calls with a traceparent finds the product's spans under its own", async () => {
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };
  await fetch(`${product.origin}/openapi.json`, { headers });
  await eventually(() => collector.spans.some((span) => span.traceId === traceId));
  expect(collector.spans.find((span) => span.traceId === traceId)).toMatchObject({
    name: "GET /openapi.json",
    parentId: "b7ad6b7169203331",
  });
});

it("names hold no id and nothing of others; no byte that was sent holds a secret, a code, a state or a path", async () => {
  const [browser, tenant, org] = [new Browser(), product.addTenant(), newOrg()];
  const { id, consent_url: consentUrl } = await start(product, browser, org);
  const leg1 = await consent(browser, consentUrl, tenant);
  const told = [new URL(consentUrl), new URL(leg1)];
  let next = new URL((await browser.request(leg1)).headers.get("location") ?? "");
  while (next.pathname !== "/settings") {
    told.push(next);
    next = new URL((await browser.request(next.href)).headers.get("location") ?? next, next);
  }
  await eventually(() => collector.spans.some(attribute("authio.provision_id", id)));
  await new Promise((resolve) => setTimeout(resolve, 7000));
  const values = told.flatMap(({ searchParams }) =>
    ["state", "code", "nonce", "code_challenge"].flatMap((name) => searchParams.getAll(name)),
  );
  expect(values.length).toBeGreaterThan(5);
  const bytes = Buffer.concat(collector.received).toString("latin1");
  expect(bytes).toContain(id);
  expect(leaks(product, { otlp: bytes })).toEqual([]);
  const secrets = [...values, org, "very secret", await product.session(org)];
  expect(secrets.filter((secret) => formsOf(secret).some((form) => bytes.includes(form)))).toEqual([]);
  const names = [...new Set(collector.spans.map(({ name }) => name))].join("\n");
  expect(names).not.toMatch(/[0-9a-f]{8}|mspr_|org_|conn_/);
  expect([...collector.services].toSorted()).toEqual([
    "authio-one-click-microsoft-api",
    "authio-one-click-microsoft-worker",
  ]);
  expect(new Set(collector.headers)).toEqual(new Set(["very secret"]));
});

it("metrics are those of /metrics, under the same names", async () => {
  await eventually(() => collector.metrics.has("authio_unfinished"));
  expect(collector.metrics.get("authio_unfinished")).toBe(3);
  for (const name of [
    "authio_http_requests_total",
    "authio_http_request_seconds",
    "process_cpu_seconds_total",
  ])
    expect(collector.metrics.get(name), name).toBeGreaterThan(0);
});

it("a run carries its trace to its activities", async () => {
  const { id } = await connect(product, product.addTenant());
  const history = await recordHistory(product, "traced", `ms-provision-${id}`);
  const headers = history.events?.flatMap((event) =>
    Object.keys(event.activityTaskScheduledEventAttributes?.header?.fields ?? {}),
  );
  expect(headers).toContain("_tracer-data");
});

it("a collector that is away costs nobody anything, and is said once", async () => {
  const away = await openObservers(settingsOf(`http://127.0.0.1:${await freePort()}`), "api", product.log);
  product.addReplica({}, away.ports);
  product.lines.length = 0;
  for (const _ of [1, 2]) {
    const { end } = await connect(product, product.addTenant());
    expect(end.searchParams.get("ok")).toBe("microsoft_connected");
  }
  const begunMs = performance.now();
  await away.stop();
  expect(performance.now() - begunMs).toBeLessThan(3000);
  const said = product.lines.filter((line) => line.includes("collector"));
  expect(said.length).toBeLessThanOrEqual(1);
});

it("nothing is sent where the SDK is switched off", () => {
  expect(settingsOf("http://127.0.0.1:4318").otlp).toBeDefined();
  expect(settingsOf("http://127.0.0.1:4318", { OTEL_SDK_DISABLED: "true" }).otlp).toBeUndefined();
  expect(loadApiConfig(product.environment).otlp).toBeUndefined();
});
