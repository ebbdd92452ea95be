import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Telemetry } from "../../src/domain/telemetry.ts";
import { applicationsFile, notes } from "../support/applications.ts";
import { createOidcDriver, type OidcDriver } from "../support/openid.ts";
import { makeLink } from "../support/setup-links.ts";
import { connect, newOrg, operatorToken, type Product, startProduct } from "../support/product.ts";
import { installSchemathesis, type Known, runSchemathesis } from "./support/schemathesis.ts";

// npm run check:api: schemathesis calls the API reference until enough is asked. Each answer is held against the document
// twice: by it, and by our own check in the tests' server, which knows fields that nobody described.

const requestsMin = Number(process.env["API_REQUESTS"] ?? 20_000);

const statuses = new Map<number, number>();
const counting: Telemetry = {
  around: ({ kind }, work) =>
    work((outcome) => {
      if (kind === "request") statuses.set(Number(outcome), (statuses.get(Number(outcome)) ?? 0) + 1);
    }),
};
const calls = (): number => [...statuses.values()].reduce((sum, count) => sum + count, 0);

const applications = applicationsFile();
const folder = mkdtempSync(path.join(os.tmpdir(), "schemathesis-"));
let command: string;
let product: Product;
let driver: OidcDriver;
beforeAll(async () => {
  command = installSchemathesis(folder);
  product = await startProduct({
    AUTHIO_APPLICATIONS_FILE: applications.file,
    AUTHIO_MS_SETUP_LINKS: "1",
    AUTHIO_CALLBACK_WAIT_MS: "500",
  });
  await product.startWorker();
  driver = await createOidcDriver(product);
  product.addReplica({}, { telemetry: counting });
}, 300_000);
afterAll(async () => {
  applications.remove();
  rmSync(folder, { recursive: true });
  await product.stop();
});

/** An organization that has everything, anew each time since the runs disconnect and delete; or one that nobody knows. */
async function knownOf(seed: number): Promise<Known> {
  if (seed % 2 === 0) return { orgId: newOrg(), ids: {} };
  const { org: orgId, id: provision, end } = await connect(product, product.addTenant());
  const connection = end.searchParams.get("connection") ?? "";
  const { id: link } = await makeLink(product, { org: orgId });
  const answer = await fetch(`${product.origin}/v1/webhooks`, {
    method: "POST",
    headers: { authorization: `Bearer ${operatorToken}` },
    body: JSON.stringify({ url: `http://localhost:9/${seed}` }),
  });
  const { id: endpoint } = (await answer.json()) as { id: string };
  return {
    orgId,
    ids: {
      "sso-connections": connection,
      connections: connection,
      "ms-provision": provision,
      "ms-provisions": provision,
      provisions: provision,
      "setup-links": link,
      setup: link,
      webhooks: endpoint,
    },
  };
}

it(`answers ${requestsMin} calls as the reference says`, async () => {
  const found: string[] = [];
  for (let seed = 1; calls() < requestsMin; seed += 1) {
    const [before, known] = [calls(), await knownOf(seed)];
    const callers = {
      session: await product.session(known.orgId),
      operator: operatorToken,
      client: { id: notes.clientId, secret: notes.secret },
      accessToken: (await driver.signIn()).access_token,
    };
    const { origin } = product;
    const { code, told } = await runSchemathesis({ command, folder, origin, seed, callers, known });
    process.stdout.write(`seed ${seed}: ${calls() - before} calls, ${calls()} in all, exit ${code}\n`);
    if (code !== 0) found.push(told);
    // A run that asks nothing would go on for ever.
    expect(calls() - before).toBeGreaterThan(500);
  }
  process.stdout.write(`${calls()} calls by status: ${JSON.stringify(Object.fromEntries(statuses))}\n`);
  expect([...statuses.keys()].filter((status) => status >= 500 && status !== 503)).toEqual([]);
  expect(found.join("\n")).toBe("");
}, 7_200_000);
