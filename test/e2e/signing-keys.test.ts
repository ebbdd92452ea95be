import { createRemoteJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { msProvision } from "../../src/cli/ms-provision.ts";
import { type Database, openDatabase } from "../../src/db/client.ts";
import { DatabaseError } from "../../src/db/database-error.ts";
import { parseMasterKeyring } from "../../src/domain/master-keyring.ts";
import { environmentKeyWrapping } from "../../src/sealing/environment-key-wrapping.ts";
import { createSigningKeys } from "../../src/signin/signing-keys.ts";
import { type Product, startProduct } from "../support/product.ts";

let product: Product;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.stop());

const keysAt = async (): Promise<{ kid: string; alg: string }[]> =>
  (
    (await (await fetch(`${product.origin}/v1/auth/.well-known/jwks.json`)).json()) as {
      keys: { kid: string; alg: string }[];
    }
  ).keys;
const command = async (...args: string[]): Promise<{ code: number; lines: string[] }> => {
  const lines: string[] = [];
  const code = await msProvision(args, {
    environment: product.environment,
    print: (line) => lines.push(line),
  });
  return { code, lines };
};

describe("signing keys", () => {
  it("are made once, however many replicas start at once", async () => {
    product.addReplica({});
    product.addReplica({});
    await Promise.all(Array.from({ length: 10 }, () => keysAt()));
    const rows = await product.sql`select algorithm, state from signing_keys order by algorithm`;
    expect(rows.map(({ algorithm, state }) => [algorithm, state])).toEqual([
      ["EdDSA", "active"],
      ["RS256", "active"],
    ]);
  });

  it("rotate under two replicas without a signature that a cached key set refuses", async () => {
    const database = openDatabase(product.environment["DATABASE_URL"] ?? "");
    const keyWrapping = environmentKeyWrapping(
      parseMasterKeyring(product.environment["AUTHIO_IMPORT_CREDS_KEY"] ?? ""),
    );
    let nowMs = Date.now();
    // Announced for three seconds here, longer than a round takes; the replicas' clocks run ahead so that they look each time.
    const times = { announcedSeconds: 3, retiredSeconds: 3600 };
    const replicas = [1, 2].map(() =>
      createSigningKeys({ database, keyWrapping, times, now: () => (nowMs += 31_000) }),
    );
    const published = async (): Promise<JSONWebKeySet> => (await replicas[0]?.published()) ?? { keys: [] };
    let cached = await published();
    const before = cached.keys.map(({ kid }) => kid);
    expect((await command("keys", "rotate")).lines.join()).toContain("Announced: RS256, EdDSA");
    expect((await command("keys", "rotate")).lines.join()).toContain("announced already");
    cached = await published();
    const used = new Set<string>();
    while (used.size < 2) {
      for (const replica of replicas) {
        const token = await replica.sign({ sub: "x" }, { algorithm: "RS256", type: "JWT" });
        const { createLocalJWKSet } = await import("jose");
        const { protectedHeader } = await jwtVerify(token, createLocalJWKSet(cached));
        used.add(protectedHeader.kid ?? "");
      }
      // A client's cache is one round old.
      cached = await published();
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    expect((await published()).keys.map(({ kid }) => kid)).toEqual(expect.arrayContaining(before));
    await database.close();
  });

  it("serve everybody from the last good look while the database fails, as long as that is safe", async () => {
    const database = openDatabase(product.environment["DATABASE_URL"] ?? "");
    const keyWrapping = environmentKeyWrapping(
      parseMasterKeyring(product.environment["AUTHIO_IMPORT_CREDS_KEY"] ?? ""),
    );
    let [isAway, looks, nowMs] = [true, 0, Date.now()];
    const fails = (): Promise<never> => {
      looks += 1;
      return Promise.reject(new DatabaseError("57P01", undefined));
    };
    const flaky: Database = {
      ...database,
      run: (work) => (isAway ? fails() : database.run(work)),
      transaction: (work) => (isAway ? fails() : database.transaction(work)),
    };
    const keys = createSigningKeys({ database: flaky, keyWrapping, now: () => nowMs });
    const ask = () => Promise.allSettled(Array.from({ length: 20 }, () => keys.published()));
    expect((await ask()).every(({ status }) => status === "rejected")).toBe(true);
    isAway = false;
    const good = await keys.published();
    isAway = true;
    looks = 0;
    nowMs += 31_000;
    for (const answer of await ask()) expect(answer).toEqual({ status: "fulfilled", value: good });
    expect(looks).toBe(1);
    await keys.sign({ sub: "x" }, { algorithm: "RS256", type: "JWT" });
    nowMs += 11 * 60_000;
    expect((await ask()).every(({ status }) => status === "rejected")).toBe(true);
    isAway = false;
    nowMs += 6000;
    expect(await keys.published()).toEqual(good);
    await database.close();
  });

  it("end at once where an operator says so", async () => {
    const { lines } = await command("keys", "--json");
    const { data } = JSON.parse(lines[0] ?? "") as {
      data: { kid: string; state: string; algorithm: string }[];
    };
    const active = data.find(({ state, algorithm }) => state === "active" && algorithm === "EdDSA");
    expect((await command("keys", "revoke", active?.kid ?? "")).code).toBe(2);
    const revoked = await command("keys", "revoke", active?.kid ?? "", "--now", "--json");
    expect([revoked.code, JSON.parse(revoked.lines.join(""))]).toEqual([0, { revoked: active?.kid }]);
    expect((await command("keys", "revoke", active?.kid ?? "", "--now")).code).toBe(1);
    const rows =
      await product.sql`select state, sealed_private from signing_keys where kid = ${active?.kid ?? ""}`;
    expect(rows[0]).toMatchObject({ state: "gone", sealed_private: null });
    const now = await product.sql`select kid from signing_keys where state = 'active'`;
    expect(now).toHaveLength(2);
    expect(JSON.stringify(lines)).not.toMatch(/private|asv1/i);
  });

  it("rest sealed, and bound to their id", async () => {
    const [row] = await product.sql`select * from signing_keys where state = 'active' limit 1`;
    expect(row?.["sealed_private"]).toMatch(/^asv1\./);
    expect(createRemoteJWKSet(new URL(`${product.origin}/v1/auth/.well-known/jwks.json`))).toBeTypeOf(
      "function",
    );
  });
});
