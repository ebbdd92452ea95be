import { randomUUID } from "node:crypto";
import { Browser } from "../../dist/embedded/browser.js";

/** A person of an organization of its own with a directory of its own, so that no limit of the product is met. */
export async function newClicker(stack) {
  const orgId = `org_${randomUUID()}`;
  const [tenant, session] = await Promise.all([
    postJson(`${stack.simulatorOrigin}/simulator/tenants`, { name: `Tenant ${orgId.slice(4, 12)}` }),
    postJson(`${stack.simulatorOrigin}/identity/sessions`, { org: orgId }),
  ]);
  return { orgId, tenant, browser: new Browser(), token: session.token };
}

export async function setLatency(stack, latencyMs) {
  await fetch(`${stack.simulatorOrigin}/simulator/realism`, {
    method: "PUT",
    body: JSON.stringify({ latencyMs }),
  });
}

/** The start call alone; gives the answer. */
export function callStart(stack, { orgId, token, browser }) {
  return browser.request(`${stack.origin}/v1/session/orgs/${orgId}/ms-provision/start`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, origin: stack.origin, "content-type": "application/json" },
    body: "{}",
  });
}

/** A click up to where Microsoft sends the browser to callback leg 2; gives that address. */
export async function proveClick(stack, clicker) {
  const started = await patiently(() => callStart(stack, clicker));
  const { id, consent_url: consentUrl } = await started.json();
  const leg1 = locationOf(await acceptConsent(clicker, consentUrl));
  const authorize = locationOf(await patiently(() => clicker.browser.request(leg1)));
  return { id, leg2: locationOf(await clicker.browser.request(authorize)) };
}

export function acceptConsent({ browser, tenant }, consentUrl) {
  const body = new URLSearchParams({ user: tenant.users[0].id, decision: "accept" });
  return browser.request(consentUrl, { method: "POST", body });
}

/** Callback leg 2 until the browser is sent back connected; progress pages are waited out. */
export async function finishClick({ browser }, leg2) {
  const end = await browser.follow(await patiently(() => browser.request(leg2)), (url) =>
    url.searchParams.has("ok"),
  );
  if (end.searchParams.get("ok") !== "microsoft_connected") throw new Error("a click did not end connected");
}

/** Of a new person, start to redirect. */
export async function wholeClick(stack) {
  const clicker = await newClicker(stack);
  const { leg2 } = await proveClick(stack, clicker);
  await finishClick(clicker, leg2);
}

/** How often the product asked to come again later, since the last look. */
export const told = { later: 0, failed: 0 };

/** Sends again what was told to wait, as a browser's person does; any other refusal ends the run. */
async function patiently(send) {
  for (;;) {
    const answer = await send();
    if (answer.status !== 429 && answer.status !== 503) return requireAnswer(answer);
    const seconds = Number(answer.headers.get("retry-after"));
    if (seconds > 0) told.later += 1;
    else told.failed += 1;
    await answer.body?.cancel();
    await new Promise((resolve) => setTimeout(resolve, Math.max(seconds, 1) * 1000));
  }
}

function requireAnswer(answer) {
  if (answer.status < 400) return answer;
  throw new Error(`${new URL(answer.url).pathname} answered ${answer.status}`);
}

function locationOf(answer) {
  const location = answer.headers.get("location");
  if (location === null)
    throw new Error(`no redirect from ${new URL(answer.url).pathname}: ${answer.status}`);
  return new URL(location, answer.url).href;
}

async function postJson(url, body) {
  const answer = await fetch(url, { method: "POST", body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${new URL(url).pathname} answered ${answer.status}`);
  return answer.json();
}
