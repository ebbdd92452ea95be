// Measures what a sign-in costs beside Microsoft's own token call, and many at once:
// npm run build && npm run measure:sign-in. With --quick a few of each. It prints figures and never fails by a time.
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { developmentProject } from "../dist/embedded/development-sessions.js";
import { finishClick, newClicker, proveClick } from "./measure/click.mjs";
import { machine } from "./measure/machine.mjs";
import { createSignInDriver } from "./measure/sign-in.mjs";
import { startStack } from "./measure/stack.mjs";
import { inParallel, median, percentile, spread, timed } from "./measure/statistics.mjs";
import { printTable } from "./measure/table.mjs";

const { values } = parseArgs({ options: { quick: { type: "boolean" } } });
const [rounds, inFlight] = values.quick ? [20, 50] : [100, 200];

const application = {
  clientId: "measured",
  secret: randomBytes(24).toString("base64url"),
  redirectUri: "http://127.0.0.1:9/callback",
};
const folder = mkdtempSync(path.join(os.tmpdir(), "measure-sign-in-"));
const file = path.join(folder, "applications.json");
writeFileSync(
  file,
  JSON.stringify([
    {
      client_id: application.clientId,
      project_id: developmentProject,
      name: "Measured",
      redirect_uris: [application.redirectUri],
      client_secret_sha256: createHash("sha256").update(application.secret).digest("hex"),
    },
  ]),
);
const stack = await startStack({ AUTHIO_APPLICATIONS_FILE: file });
try {
  process.stdout.write(`${machine(stack)}\n`);
  const clicker = await newClicker(stack);
  await finishClick(clicker, (await proveClick(stack, clicker)).leg2);
  const [connection] = await stack.sql`select id from sso_connections where org_id = ${clicker.orgId}`;
  const driver = createSignInDriver(stack, { application, clicker, connectionId: connection.id });
  await measureOne(driver);
  await measureMany(driver);
} finally {
  await stack.stop();
  rmSync(folder, { recursive: true });
}
process.exit();

/** Each kind in turn, and a token call by itself, so that whatever else the machine does meets all. */
async function measureOne(driver) {
  const times = { token: [], handoff: [], oidc: [] };
  for (let round = -5; round < rounds; round += 1) {
    const token = await timed(() => driver.tokenCall());
    const handoff = await driver.answerOf("handoff").then((answer) => timed(() => driver.finish(answer)));
    const oidc = await driver.answerOf("oidc").then((answer) => timed(() => driver.finish(answer)));
    // The first rounds warm up.
    if (round < 0) continue;
    times.token.push(token.ms);
    times.handoff.push(handoff.ms);
    times.oidc.push(oidc.ms);
  }
  const over = (kind) => median(times[kind].map((ms, index) => ms - times.token[index]));
  printTable(`Microsoft's answer → the application's session, ${rounds} sign-ins of each kind in turn`, [
    ["", "p50 / p95 in ms", "p50 over the token call, ms (goal 60)"],
    ["a token call at the simulator by itself", spread(times.token), ""],
    ["hand-off: callback, redirect, exchange", spread(times.handoff), over("handoff")],
    ["OpenID Connect: callback, redirect, token endpoint", spread(times.oidc), over("oidc")],
  ]);
}

/** Whole sign-ins at once, from one network address: initiate, Microsoft, callback, exchange. */
async function measureMany(driver) {
  const begunMs = performance.now();
  const all = await inParallel(inFlight, inFlight, () =>
    timed(async () => driver.finish(await driver.answerOf("handoff"))).then(
      ({ ms }) => ({ ms }),
      (error) => ({ refusal: error.message }),
    ),
  );
  const tookMs = performance.now() - begunMs;
  const refusals = all.flatMap(({ refusal }) => refusal ?? []);
  const times = all.flatMap(({ ms }) => ms ?? []);
  printTable(`${inFlight} sign-ins in flight at once, over HTTP`, [
    ["signed in", "refused", "p50 / p95 in ms", "longest, ms", "a second"],
    [
      times.length,
      refusals.length,
      spread(times),
      percentile(times, 1),
      Math.round((times.length / tookMs) * 1000),
    ],
  ]);
  for (const refusal of new Set(refusals)) process.stdout.write(`refused: ${refusal}\n`);
}
