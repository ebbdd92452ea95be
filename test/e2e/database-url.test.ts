import { randomBytes } from "node:crypto";
import { chmod, chown, copyFile, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { connect as connectTcp, createServer, type Server } from "node:net";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../../src/embedded/postgres.ts";
import { freePort } from "../../src/embedded/free-port.ts";
import { openDatabase } from "../../src/db/client.ts";

// What people paste into DATABASE_URL, against a server that speaks TLS and a socket that leads to it.

const certificates = fileURLToPath(new URL("../support/tls/", import.meta.url));
const ca = path.join(certificates, "ca.pem");
const password = "p#1/2?3&x=4@5%6 7";

let server: EmbeddedPostgres;
let port: number;
let folder: string;
let socket: Server;

beforeAll(async () => {
  server = await startEmbeddedPostgres(undefined);
  const sql = postgres(server.adminUrl, { max: 1, onnotice: () => {} });
  port = Number(new URL(server.url).port);
  const [row] = await sql`show data_directory`;
  const data = String(row?.["data_directory"]);
  const { uid, gid } = await stat(data);
  for (const name of ["server.pem", "server.key", "ca.pem"]) {
    await copyFile(path.join(certificates, name), path.join(data, name));
    await chown(path.join(data, name), uid, gid);
    await chmod(path.join(data, name), 0o600);
  }
  for (const setting of [
    "ssl_cert_file = 'server.pem'",
    "ssl_key_file = 'server.key'",
    "ssl_ca_file = 'ca.pem'",
    "ssl = on",
  ])
    await sql.unsafe(`alter system set ${setting}`);
  const rules = path.join(data, "pg_hba.conf");
  await writeFile(rules, `host all pasted all scram-sha-256\n${await readFile(rules, "utf8")}`);
  await sql`select pg_reload_conf()`;
  await sql.unsafe(`create role pasted login superuser password '${password}'`);
  await sql.end();
  folder = await mkdtemp(path.join(os.tmpdir(), "authio-socket-"));
  socket = createServer((client) => {
    const upstream = connectTcp(port, "127.0.0.1");
    client.pipe(upstream).pipe(client);
    client.on("error", () => upstream.destroy());
    upstream.on("error", () => client.destroy());
  });
  await new Promise<void>((resolve) => socket.listen(path.join(folder, ".s.PGSQL.5432"), resolve));
});
afterAll(async () => {
  socket.close();
  await server.stop();
  await rm(folder, { recursive: true });
});

/** Whether the connection is encrypted, and as whom it was made; or the code of the error. */
async function ask(url: string): Promise<unknown> {
  const database = openDatabase(url);
  try {
    const [row] = await database.run((q) =>
      q.execute(
        "select ssl, current_user::text as role, current_database()::text as name from pg_stat_ssl where pid = pg_backend_pid()",
      ),
    );
    return { ...row };
  } catch (error) {
    return (error as { code?: string }).code;
  } finally {
    await database.close();
  }
}

describe("a connection string", () => {
  const encrypted = { ssl: true, role: "pasted", name: "authio" };
  const plain = { ...encrypted, ssl: false };
  const at = (host: string, parameters = "", secret = password): string =>
    `postgres://pasted:${secret}@${host}/authio${parameters}`;

  it("takes a password as it is, and percent-encoded", async () => {
    expect(await ask(at(`localhost:${port}`))).toEqual(encrypted);
    expect(await ask(at(`localhost:${port}`, "", encodeURIComponent(password)))).toEqual(encrypted);
    expect(
      await ask(`postgresql://127.0.0.1:${port}/authio?user=pasted&password=${encodeURIComponent(password)}`),
    ).toEqual(encrypted);
  });

  it("with another password is refused", async () => {
    expect(await ask(at(`localhost:${port}`, "", "p"))).toBe("28P01");
  });

  it("leads to a socket", async () => {
    expect(await ask(at("", `?host=${folder}`))).toEqual(plain);
    expect(await ask(at(encodeURIComponent(folder), "?sslmode=require"))).toEqual(plain);
  });

  it.each([
    ["?sslmode=disable", plain],
    ["?ssl=false", plain],
    ["?sslmode=allow", encrypted],
    ["?sslmode=prefer", encrypted],
    ["?sslmode=require", encrypted],
    ["?sslmode=no-verify", encrypted],
    [`?sslmode=verify-ca&sslrootcert=${ca}`, encrypted],
    [`?sslmode=verify-full&sslrootcert=${ca}`, encrypted],
    [`?sslmode=verify-full&sslrootcert=${ca}&channel_binding=require`, encrypted],
    [`?sslmode=require&sslcert=${certificates}client.pem&sslkey=${certificates}client.key`, encrypted],
    ["?sslmode=verify-full", "SELF_SIGNED_CERT_IN_CHAIN"],
    ["?sslmode=require&channel_binding=require", "SELF_SIGNED_CERT_IN_CHAIN"],
    ["?schema=public&connection_limit=3&pool_timeout=5&connect_timeout=10&application_name=sso", encrypted],
    ["?pgbouncer=true&connection_limit=1", encrypted],
    ["?options=-c%20geqo%3Doff&target_session_attrs=read-write", encrypted],
  ])("with %s", async (parameters, expected) => {
    expect(await ask(at(`localhost:${port}`, parameters))).toEqual(expected);
  });

  it("verifies the name where asked to, also that of an address", async () => {
    const host = `127.0.0.1:${port}`;
    expect(await ask(at(host, `?sslmode=verify-ca&sslrootcert=${ca}`))).toEqual(encrypted);
    expect(await ask(at(host, `?sslmode=verify-full&sslrootcert=${ca}`))).toBe(
      "ERR_TLS_CERT_ALTNAME_INVALID",
    );
  });

  it("of several hosts, the one that is there", async () => {
    const away = await freePort();
    expect(await ask(at(`localhost:${away},localhost:${port}`))).toEqual(encrypted);
    expect(await ask(at(`localhost:${port},localhost:${away}`))).toEqual(encrypted);
    expect(await ask(at(`localhost:${away},localhost:${await freePort()}`))).toBe("ECONNREFUSED");
  });

  it("of several hosts, the one that takes writes", async () => {
    const name = `test_${randomBytes(4).toString("hex")}`;
    const standby = await startEmbeddedPostgres(undefined);
    const sql = postgres(standby.adminUrl, { max: 1 });
    await sql.unsafe(`create role pasted login superuser password '${password}'`);
    await sql.unsafe("alter system set default_transaction_read_only = on");
    await sql`select pg_reload_conf()`;
    await sql.end();
    const database = openDatabase(at(`127.0.0.1:${new URL(standby.url).port},127.0.0.1:${port}`));
    await database.transaction(async (q) => void (await q.execute(`create table ${name} (x int)`)));
    await database.run(async (q) => void (await q.execute(`insert into ${name} values (1)`)));
    await database.close();
    await standby.stop();
  });
});
