import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { msProvision } from "../../src/cli/ms-provision.ts";
import { replaceSealed } from "../../src/db/sealed-columns.ts";
import { parseMasterKeyring } from "../../src/domain/master-keyring.ts";
import { SecretText } from "../../src/domain/secret-text.ts";
import { Browser } from "../../src/embedded/browser.ts";
import { rewrap } from "../../src/operations/rewrap.ts";
import { environmentKeyWrapping } from "../../src/sealing/environment-key-wrapping.ts";
import { keyIdOf, seal } from "../../src/sealing/envelope.ts";
import { type Product, startProduct } from "../support/product.ts";
import { beginSignIn, chooseUser, connectTenant } from "../support/sign-in.ts";

const [a, b] = ["a", "b"].map((id) => `${id}:${randomBytes(32).toString("base64")}`);
const rotated = `${b},${a}`;
const manyMin = 1200;
let product: Product;
let live: Awaited<ReturnType<typeof connectTenant>>;

beforeAll(async () => {
  product = await startProduct({ AUTHIO_IMPORT_CREDS_KEY: `${a},${b}` });
  await product.startWorker();
  live = await connectTenant(product);
  await addMany();
});
afterAll(() => product.stop());

/** Connections of others, each with a secret of its own under the old key. */
async function addMany(): Promise<void> {
  const keys = environmentKeyWrapping(parseMasterKeyring(`${a},${b}`));
  for (let made = 0; made < manyMin; made += 1) {
    const [id, org] = [`sso_many${String(made).padStart(5, "0")}`, `org_many${made}`];
    const [tenant, appId, keyId] = [randomUUID(), randomUUID(), randomUUID()];
    const sealed = await seal(
      keys,
      "sso-secret",
      ["proj_1", org, id, tenant, appId, keyId],
      new SecretText("x"),
    );
    await product.sql`
      insert into sso_connections (id, project_id, org_id, protocol, provider, status, managed_by, entra_tenant_id, app_id,
        app_object_id, service_principal_id, issuer, redirect_uri, sealed_secret, secret_key_id, secret_expires_at, configured_by)
      values (${id}, 'proj_1', ${org}, 'oidc', 'entra', 'active', 'microsoft_graph', ${tenant}, ${appId},
        ${randomUUID()}, ${randomUUID()}, 'https://issuer.example', 'https://sso.example', ${sealed}, ${keyId},
        now() + interval '1 year', 'user:usr_1')`;
  }
}

async function command(
  args: readonly string[],
  keys = rotated,
): Promise<{ code: number; answer: Record<string, unknown> }> {
  const lines: string[] = [];
  const code = await msProvision([...args, "--json"], {
    environment: { ...product.environment, AUTHIO_IMPORT_CREDS_KEY: keys, USER: "tess" },
    print: (line) => void lines.push(line),
  });
  return { code, answer: JSON.parse(lines.join("\n")) as Record<string, unknown> };
}

async function signIn(): Promise<number> {
  const browser = new Browser();
  const callback = await chooseUser(browser, live.tenant, await beginSignIn(browser, live.base));
  return (await browser.request(callback, { headers: { accept: "application/json" } })).status;
}

const underOld = async (): Promise<number> =>
  (await product.sql`select sealed_secret from sso_connections`).filter(
    ({ sealed_secret: sealed }) => keyIdOf(String(sealed)) === "a",
  ).length;

it("stopped halfway, it has moved whole pages, and each of them opens", async () => {
  const ctx = {
    database: product.api.database,
    keyWrapping: environmentKeyWrapping(parseMasterKeyring(rotated)),
  };
  for await (const { moved } of rewrap({ ctx, input: { operator: "tess", reason: "rotation" } })) {
    expect(moved).toBe(500);
    break;
  }
  expect(await underOld()).toBe(manyMin + 1 - 500);
  expect(await product.sql`select 1 from audit_events where action = 'rewrapped'`).toHaveLength(0);
  expect(await signIn()).toBe(200);
});

it("goes on beside live sign-ins, none of which fails; a second call moves nothing", async () => {
  const done = new AbortController();
  const signIns = (async () => {
    const statuses: number[] = [];
    while (!done.signal.aborted || statuses.length === 0) statuses.push(await signIn());
    return statuses;
  })();
  const first = await command(["rewrap", "--reason", "rotation"]);
  done.abort();
  expect(new Set(await signIns)).toEqual(new Set([200]));
  expect(first).toMatchObject({ code: 0, answer: { key: "b", closed: [] } });
  expect(first.answer["moved"]).toBeGreaterThanOrEqual(manyMin + 1 - 500);
  expect(await underOld()).toBe(0);
  expect((await command(["rewrap", "--reason", "again"])).answer["moved"]).toBe(0);
  const trail =
    await product.sql`select actor, detail from audit_events where action = 'rewrapped' order by id`;
  expect(trail[0]).toMatchObject({
    actor: "operator:tess",
    detail: { reason: "rotation", key: "b", left: 0 },
  });
  const { answer } = await command(["doctor"]);
  expect(answer["checks"]).toContainEqual(
    expect.objectContaining({
      name: "secrets",
      status: "pass",
      detail: expect.stringContaining("a can go") as unknown,
    }),
  );
  product.addReplica({ AUTHIO_IMPORT_CREDS_KEY: b });
  expect(await signIn()).toBe(200);
});

it("what has changed since it was read is left alone", async () => {
  const [row] =
    await product.sql`select id, sealed_secret from sso_connections where id = ${live.base.split("/").at(-1) ?? ""}`;
  const stale = { id: String(row?.["id"]), from: "asv1.stale", to: "asv1.other" };
  expect(await replaceSealed(product.api.database, "connectionSecret", [stale])).toBe(0);
  const [now] = await product.sql`select sealed_secret from sso_connections where id = ${stale.id}`;
  expect(now).toEqual({ sealed_secret: row?.["sealed_secret"] });
});

it("names what does not open, moves the rest, and refuses without a reason", async () => {
  const back = `${a},${b}`;
  await product.sql`update sso_connections set sealed_secret = 'asv1.damaged' where id = 'sso_many00007'`;
  const { code, answer } = await command(["rewrap", "--reason", "back"], back);
  expect([code, answer["closed"]]).toEqual([1, ["connection secrets sso_many00007"]]);
  expect(answer["moved"]).toBeGreaterThanOrEqual(manyMin);
  const silent: string[] = [];
  expect(
    await msProvision(["rewrap"], {
      environment: product.environment,
      print: (line) => void silent.push(line),
    }),
  ).toBe(2);
  expect(silent.join()).toContain("--reason");
});
