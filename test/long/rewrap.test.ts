import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parseMasterKeyring } from "../../src/domain/master-keyring.ts";
import { SecretText } from "../../src/domain/secret-text.ts";
import { Browser } from "../../src/embedded/browser.ts";
import { checkSecrets } from "../../src/operations/checks/secrets.ts";
import { rewrap } from "../../src/operations/rewrap.ts";
import { environmentKeyWrapping } from "../../src/sealing/environment-key-wrapping.ts";
import { seal } from "../../src/sealing/envelope.ts";
import { type Product, startProduct } from "../support/product.ts";
import { beginSignIn, chooseUser, connectTenant } from "../support/sign-in.ts";

// A rotation of an installation with a hundred thousand connections, while people sign in.

const count = 100_000;
const batch = 1000;
const [a, b] = ["a", "b"].map((id) => `${id}:${randomBytes(32).toString("base64")}`);
const keyring = parseMasterKeyring(`${b},${a}`);
const keyWrapping = environmentKeyWrapping(keyring);
let product: Product;
let live: Awaited<ReturnType<typeof connectTenant>>;

beforeAll(async () => {
  product = await startProduct({ AUTHIO_IMPORT_CREDS_KEY: `${a},${b}` });
  await product.startWorker();
  live = await connectTenant(product);
  const old = environmentKeyWrapping(parseMasterKeyring(`${a},${b}`));
  for (let made = 0; made < count; made += batch)
    await addRows(await Promise.all(Array.from({ length: batch }, (_, index) => newRow(old, made + index))));
});
afterAll(() => product.stop());

async function newRow(keys: typeof keyWrapping, index: number): Promise<object> {
  const [id, org] = [`sso_many${String(index).padStart(6, "0")}`, `org_many${index}`];
  const [tenant, app, key] = [randomUUID(), randomUUID(), randomUUID()];
  const context = ["proj_1", org, id, tenant, app, key];
  return { id, org, tenant, app, key, sealed: await seal(keys, "sso-secret", context, new SecretText("x")) };
}

const addRows = (rows: readonly object[]) => product.sql`
  insert into sso_connections (id, project_id, org_id, protocol, provider, status, managed_by, entra_tenant_id, app_id,
    app_object_id, service_principal_id, issuer, redirect_uri, sealed_secret, secret_key_id, secret_expires_at, configured_by)
  select id, 'proj_1', org, 'oidc', 'entra', 'active', 'microsoft_graph', tenant, app, app, app, 'https://issuer.example',
    'https://sso.example', sealed, key, now() + interval '1 year', 'user:usr_1'
  from json_to_recordset(${JSON.stringify(rows)}::text::json)
    as one(id text, org text, tenant text, app text, key text, sealed text)`;

async function signIn(): Promise<number> {
  const browser = new Browser();
  const callback = await chooseUser(browser, live.tenant, await beginSignIn(browser, live.base));
  return (await browser.request(callback, { headers: { accept: "application/json" } })).status;
}

it("moves a hundred thousand secrets while people sign in, and none of them fails", async () => {
  const done = new AbortController();
  const signIns = (async () => {
    const statuses: number[] = [];
    while (!done.signal.aborted) statuses.push(await signIn());
    return statuses;
  })();
  const ctx = { database: product.api.database, keyWrapping };
  const begunMs = performance.now();
  let moved = 0;
  for await (const progress of rewrap({ ctx, input: { operator: "tess", reason: "rotation" } }))
    ({ moved } = progress);
  const rewrapMs = performance.now() - begunMs;
  done.abort();
  const statuses = await signIns;
  const lookedMs = performance.now();
  const finding = await checkSecrets(product.api.database, keyring, keyWrapping);
  process.stdout.write(
    `${moved} secrets moved in ${(rewrapMs / 1000).toFixed(1)} s beside ${statuses.length} sign-ins; ` +
      `opened and counted in ${((performance.now() - lookedMs) / 1000).toFixed(1)} s\n`,
  );
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(moved).toBeGreaterThanOrEqual(count);
  expect(finding).toMatchObject({ status: "pass", detail: expect.stringContaining("a can go") as unknown });
});
