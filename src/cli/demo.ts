import { createLogger } from "../processes/log.ts";
import { freePort } from "../embedded/free-port.ts";
import { type Stack, startStack } from "../embedded/stack.ts";
import { Browser } from "../embedded/browser.ts";
import { developmentOrg, developmentUsers } from "../embedded/development-sessions.ts";
import { forgetTemporalProfiles } from "../embedded/stack-environment.ts";
import { checkDemo } from "../embedded/preflight/preflight.ts";
import { wordsOfError } from "./words-of-error.ts";

const interruptedCode = 130;

/** `npm run demo`: starts the stack on free ports, clicks once, signs in, stops. Returns 0 only if it is live. */
export async function demo(
  args: readonly string[],
  print: (line: string) => void,
  interrupted: AbortSignal,
): Promise<number> {
  const checked = checkDemo({ args, environment: process.env, tell: print });
  if (checked.kind === "stop") {
    print(checked.line);
    return checked.exitCode;
  }
  if (checked.plan.temporalAddress === undefined) forgetTemporalProfiles();
  let stack: Stack | undefined;
  const untilInterrupted = new Promise<never>((_, reject) =>
    interrupted.addEventListener("abort", () => reject(interrupted.reason as Error), { once: true }),
  );
  untilInterrupted.catch(() => undefined);
  try {
    const ports = {
      app: await freePort(),
      simulator: await freePort(),
      temporal: await freePort(),
      sample: 0,
    };
    print("Starting the product on free ports");
    stack = await startStack({
      ports,
      dataFolder: undefined,
      outside: checked.plan,
      signal: interrupted,
      log: createLogger("error"),
      tell: (part, state) => print(`  ${part} ${state}`),
    });
    await Promise.race([click(stack, print), untilInterrupted]);
    return 0;
  } catch (error) {
    print(`Not live: ${wordsOfError(error)}`);
    return interrupted.aborted ? interruptedCode : 1;
  } finally {
    await stack?.stop();
  }
}

async function click(stack: Stack, print: (line: string) => void): Promise<void> {
  const session = await stack.sessionOf(developmentUsers[0]);
  const authorization = { authorization: `Bearer ${session}` };
  const browser = new Browser();
  const startedMs = performance.now();
  let lastMs = startedMs;
  const step = (what: string): void => {
    const now = performance.now();
    print(`  ${what.padEnd(52)} ${Math.round(now - lastMs)} ms`);
    lastMs = now;
  };
  print("Clicking Connect Microsoft");
  const start = await browser.request(
    `${stack.appOrigin}/v1/session/orgs/${developmentOrg.id}/ms-provision/start`,
    // As a browser on the dashboard's page calls.
    { method: "POST", headers: { ...authorization, origin: stack.appOrigin } },
  );
  const { consent_url: consentUrl } = (await start.json()) as { consent_url: string };
  step("start: request issued");
  const consentPage = await (await browser.request(consentUrl)).text();
  const administrator = /value="([0-9a-f-]{36})"/.exec(consentPage)?.[1] ?? "";
  const consented = await browser.request(consentUrl, {
    method: "POST",
    body: new URLSearchParams({ user: administrator, decision: "accept" }),
  });
  step("consent: approved at the simulator");
  const end = await browser.follow(
    consented,
    (url) => url.searchParams.has("ok") || url.searchParams.has("error"),
  );
  step("callback: proved, provisioned, redirected");
  if (end.searchParams.get("ok") !== "microsoft_connected")
    throw new Error(`the browser ended at ?error=${end.searchParams.get("error")}`);
  const connection = `${stack.appOrigin}/v1/sso/connections/${end.searchParams.get("connection")}`;
  const signIn = await browser.request(`${connection}/initiate`);
  const answer = await browser.followAll(signIn, { accept: "application/json" });
  if (!answer.ok) throw new Error(`sign-in answered ${answer.status}`);
  const identity = (await answer.json()) as { name: string; email: string };
  step(`sign-in: ${identity.name} <${identity.email}>`);
  for (const [from, address] of [
    ["its button", `${stack.sampleOrigin}/login`],
    ["the tile in My Apps", `${connection}/launch`],
  ] as const) {
    const notes = await browser.followAll(await browser.request(address));
    if (!notes.ok || !(await notes.text()).includes(identity.email))
      throw new Error(`the sample application knows nobody from ${from}`);
    step(`sample application: signed in from ${from}`);
  }
  const rows = await browser.request(
    `${stack.appOrigin}/v1/session/orgs/${developmentOrg.id}/sso-connections`,
    { headers: authorization },
  );
  const { data } = (await rows.json()) as { data: Record<string, unknown>[] };
  print(`Live after ${Math.round(performance.now() - startedMs)} ms. The row, without its secret:`);
  print(JSON.stringify(data[0], null, 2));
}
