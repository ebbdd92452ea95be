import { describe, expect, it } from "vitest";
import { type PostgresTarget, PostgresUrlError } from "../../../src/domain/postgres-target.ts";
import { parsePostgresUrl } from "../../../src/domain/postgres-url.ts";

const files: Record<string, string> = {
  "/ca.pem": "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n",
  "/client.pem": "-----BEGIN CERTIFICATE-----\ny\n-----END CERTIFICATE-----\n",
  "/client.key": "-----BEGIN PRIVATE KEY-----\nz\n-----END PRIVATE KEY-----\n",
  "/empty.pem": "nothing",
};
const readFile = (path: string): string => {
  const text = files[path];
  if (text === undefined) throw new Error("ENOENT");
  return text;
};
const parse = (text: string): PostgresTarget => parsePostgresUrl(text, readFile);
const problemsOf = (text: string): string => {
  try {
    parse(text);
    return "";
  } catch (error) {
    if (!(error instanceof PostgresUrlError)) throw error;
    return error.problems.join("; ");
  }
};
/** user, password, host:port or socket, database */
const parts = (text: string): unknown[] => {
  const { user, password, hosts, database } = parse(text);
  return [
    user,
    password?.reveal(),
    hosts
      .map((host) => (host.kind === "socket" ? host.path : `${host.name ?? ""}:${host.port ?? ""}`))
      .join(","),
    database,
  ];
};

describe("an address of PostgreSQL", () => {
  it.each([
    ["postgres://u:p@db:5432/x", ["u", "p", "db:5432", "x"]],
    ["postgresql://u:p@db/x", ["u", "p", "db:", "x"]],
    ["POSTGRESQL://db/x", [undefined, undefined, "db:", "x"]],
    ["  postgres://db/x \n", [undefined, undefined, "db:", "x"]],
    ["postgres://db", [undefined, undefined, "db:", undefined]],
    ["postgres:///x", [undefined, undefined, ":", "x"]],
    ["postgres://", [undefined, undefined, ":", undefined]],
    ["postgres://u@db/", ["u", undefined, "db:", undefined]],
    ["postgres://u:@db/x", ["u", undefined, "db:", "x"]],
    ["postgres://u:p@[::1]:5433/x", ["u", "p", "::1:5433", "x"]],
    ["postgres://u:p@[2001:db8::7]/x", ["u", "p", "2001:db8::7:", "x"]],
    ["postgres://[::1]/x", [undefined, undefined, "::1:", "x"]],
    // Raw in a password
    ["postgres://u:p#1@db/x", ["u", "p#1", "db:", "x"]],
    ["postgres://u:12#4@db/x", ["u", "12#4", "db:", "x"]],
    ["postgres://u:p/1@db:5432/x", ["u", "p/1", "db:5432", "x"]],
    ["postgres://u:12/4@db/x", ["u", "12/4", "db:", "x"]],
    ["postgres://u:p?1@db/x?sslmode=disable", ["u", "p?1", "db:", "x"]],
    ["postgres://u:p@1@db/x", ["u", "p@1", "db:", "x"]],
    ["postgres://u:p@1/2?3#4@db/x", ["u", "p@1/2?3#4", "db:", "x"]],
    ["postgres://u:100%@db/x", ["u", "100%", "db:", "x"]],
    ["postgres://u:a:b&c=d e[f]@db/x", ["u", "a:b&c=d e[f]", "db:", "x"]],
    ["postgres://u:pä€@db/x", ["u", "pä€", "db:", "x"]],
    // Percent-encoded
    ["postgres://u%40corp:p%23%2F%3F%40%25@db/my%2Fx", ["u@corp", "p#/?@%", "db:", "my/x"]],
    [
      "postgres://u@server:p@server.postgres.database.azure.com/x",
      ["u@server", "p", "server.postgres.database.azure.com:", "x"],
    ],
    // Among the parameters
    ["postgres://db/x?user=me@corp&password=p%26q", ["me@corp", "p&q", "db:", "x"]],
    ["postgres://u:p@db/x?application_name=me@corp", ["u", "p", "db:", "x"]],
    ["postgres:///x?host=db&port=6432", [undefined, undefined, "db:6432", "x"]],
    ["postgres://u:p@ignored/?host=db&dbname=x", ["u", "p", "db:", "x"]],
    // Sockets
    [
      "postgres:///x?host=/var/run/postgresql",
      [undefined, undefined, "/var/run/postgresql/.s.PGSQL.5432", "x"],
    ],
    ["postgres://u:p@/x?host=/tmp&port=5433", ["u", "p", "/tmp/.s.PGSQL.5433", "x"]],
    ["postgres://u@%2Fvar%2Frun%2Fpostgresql/x", ["u", undefined, "/var/run/postgresql/.s.PGSQL.5432", "x"]],
    ["postgres://u@%2Ftmp:5433/x", ["u", undefined, "/tmp/.s.PGSQL.5433", "x"]],
    ["postgres://u:p@localhost/x?host=/cloudsql/p:r:i", ["u", "p", "/cloudsql/p:r:i/.s.PGSQL.5432", "x"]],
    // Several
    ["postgres://u:p@a:1,b:2/x", ["u", "p", "a:1,b:2", "x"]],
    ["postgres://u:p@[::1]:1,b/x", ["u", "p", "::1:1,b:", "x"]],
    ["postgres:///x?host=a,b&port=1,2", [undefined, undefined, "a:1,b:2", "x"]],
    ["postgres:///x?host=a,b&port=7", [undefined, undefined, "a:7,b:7", "x"]],
  ])("%s", (text, expected) => expect(parts(text)).toEqual(expected));

  it.each([
    ["", /write it as/],
    ["db/x", /write it as/],
    ["host=db dbname=x", /write it as/],
    ['"postgres://u:hunter2@db/x"', /quotes/],
    ["jdbc:postgresql://db/x?user=u&password=hunter2", /JDBC|write it as/],
    ["postgresql+asyncpg://u:hunter2@db/x", /driver/],
    ["mysql://u:hunter2@db/x", /write it as/],
    ["https://u:hunter2@db/x", /write it as/],
    ["postgres://u:hunter2@db:port/x", /cannot be read/],
    ["postgres://u:hunter2@db:70000/x", /port/],
    ["postgres://u:hunter2@db:0/x", /port/],
    ["postgres:///x?host=a,b&port=1,2,3", /number of ports/],
    ["postgres://u:hunter2@::1/x", /cannot be read/],
    ["postgres://u:hunter2@db/x/y", /cannot be read/],
    ["postgres://u:hunter2@db/x#y", /cannot be read/],
    ["postgres://u:%ff@db/x", /UTF-8/],
    ["postgres://u:%00@db/x", /UTF-8/],
  ])("%s is named with the fix", (text, expected) => {
    expect(problemsOf(text)).toMatch(expected);
    expect(problemsOf(text)).not.toContain("hunter2");
  });
});

describe("its parameters", () => {
  const url = (parameters: string): string => `postgres://u:p@db/x?${parameters}`;

  it.each([
    ["", { kind: "preferred" }],
    ["sslmode=disable", { kind: "off" }],
    ["ssl=false", { kind: "off" }],
    ["sslmode=allow", { kind: "preferred" }],
    ["sslmode=prefer", { kind: "preferred" }],
    ["sslmode=require", { kind: "encrypted" }],
    ["ssl=require", { kind: "encrypted" }],
    ["sslmode=no-verify", { kind: "encrypted" }],
    ["ssl=no-verify", { kind: "encrypted" }],
    ["ssl=true", { kind: "verified", checksName: true }],
    ["sslmode=require&sslrootcert=/ca.pem", { kind: "verified", checksName: false, ca: files["/ca.pem"] }],
    ["sslmode=verify-ca&sslrootcert=/ca.pem", { kind: "verified", checksName: false, ca: files["/ca.pem"] }],
    ["sslmode=verify-full&sslrootcert=/ca.pem", { kind: "verified", checksName: true, ca: files["/ca.pem"] }],
    ["sslmode=verify-full", { kind: "verified", checksName: true }],
    ["sslrootcert=system", { kind: "verified", checksName: true }],
    ["sslmode=require&sslaccept=strict", { kind: "verified", checksName: true }],
    ["sslmode=require&sslaccept=accept_invalid_certs", { kind: "encrypted" }],
    ["channel_binding=prefer", { kind: "preferred" }],
    ["channel_binding=disable&sslmode=require", { kind: "encrypted" }],
    // Who demands a bound channel gets a checked server.
    ["sslmode=require&channel_binding=require", { kind: "verified", checksName: true }],
    ["sslmode=verify-full&channel_binding=require", { kind: "verified", checksName: true }],
  ])("TLS: %s", (parameters, expected) => expect(parse(url(parameters)).tls).toEqual(expected));

  it("a client's certificate", () => {
    const { tls } = parse(url("sslmode=require&sslcert=/client.pem&sslkey=/client.key&sslpassword=hunter2"));
    expect(tls).toMatchObject({ kind: "encrypted", client: { cert: files["/client.pem"] } });
    expect(tls.kind === "encrypted" && tls.client?.key.reveal()).toBe(files["/client.key"]);
    expect(tls.kind === "encrypted" && tls.client?.passphrase?.reveal()).toBe("hunter2");
  });

  it.each([
    ["schema=sso", { schema: "sso" }],
    ["search_path=sso,public", { searchPath: "sso,public" }],
    ["currentSchema=sso", { searchPath: "sso" }],
    ["pgbouncer=true", { isPooled: true }],
    ["pgbouncer=1&connection_limit=1", { isPooled: true, connectionsMax: 2 }],
    ["pgbouncer=false", { isPooled: false }],
    ["pool_mode=transaction", { isPooled: true }],
    ["connection_limit=5", { connectionsMax: 5 }],
    ["max=100", { connectionsMax: 20 }],
    ["options=-c%20geqo%3Doff", { options: "-c geqo=off" }],
    ["options=-c+geqo=off", { options: "-c geqo=off" }],
    ["pgbouncer=true&options=endpoint%3Dep-1", { options: "endpoint=ep-1", isPooled: true }],
    ["application_name=sso", { applicationName: "sso" }],
    ["fallback_application_name=sso", { applicationName: "sso" }],
    ["", { applicationName: "authio-ms-provision", connectTimeoutSeconds: 3, connectionsMax: 20 }],
    ["connect_timeout=5", { connectTimeoutSeconds: 5 }],
    ["connect_timeout=30", { connectTimeoutSeconds: 10 }],
    ["connect_timeout=0", { connectTimeoutSeconds: 3 }],
    ["target_session_attrs=read-write", { sessionAttributes: "read-write" }],
    ["target_session_attrs=primary", { sessionAttributes: "primary" }],
    ["pool_timeout=10&socket_timeout=5&statement_cache_size=0&prepareThreshold=0&prepare=false", {}],
    ["client_encoding=UTF8&gssencmode=disable&sslcompression=0&keepalives=1&supa=base-pooler.x&", {}],
  ])("%s", (parameters, expected) => expect(parse(url(parameters))).toMatchObject(expected));

  it("of several hosts, one that takes writes is wanted", () => {
    expect(parse("postgres://a,b/x").sessionAttributes).toBe("read-write");
    expect(parse("postgres:///x?host=a,b&target_session_attrs=any").sessionAttributes).toBe("read-write");
    expect(parse("postgres://a/x?target_session_attrs=any").sessionAttributes).toBeUndefined();
  });

  it.each([
    ["sslmode=hunter2", /sslmode .* one of disable/],
    ["sslmode=verify-full&sslrootcert=/hunter2.pem", /sslrootcert that cannot be read/],
    ["sslmode=verify-full&sslrootcert=/empty.pem", /sslrootcert that holds no PEM/],
    ["sslcert=/client.pem", /sslcert and sslkey; give both/],
    ["channel_binding=require", /channel binding.*sslmode=verify-full/],
    ["channel_binding=require&sslmode=disable", /channel binding.*sslmode=verify-full/],
    ["sslnegotiation=direct", /sslnegotiation/],
    ["gssencmode=require", /GSSAPI/],
    ["client_encoding=LATIN1", /client_encoding/],
    ["target_session_attrs=standby", /takes no writes/],
    ["statement_timeout=1", /statement_timeout, which this service sets itself/],
    ["pgbouncer=true&options=-c%20geqo%3Doff", /a pooler does not take/],
    ["connection_limit=many", /connection_limit that is not a whole number/],
    ["sslcrl=/hunter2", /parameter sslcrl, which is not known here; leave it out/],
    ["frobnicate=hunter2", /parameter frobnicate, which is not known here; leave it out/],
  ])("%s is named with the fix", (parameters, expected) => {
    expect(problemsOf(url(parameters))).toMatch(expected);
    expect(problemsOf(url(parameters))).not.toContain("hunter2");
  });

  it("all problems at once", () => {
    expect(problemsOf(url("sslmode=x&frobnicate=1&gssencmode=require")).split("; leave it out").length).toBe(
      2,
    );
    expect(problemsOf(url("sslmode=x&frobnicate=1&gssencmode=require"))).toMatch(
      /frobnicate.*GSSAPI.*sslmode/,
    );
  });

  it("a raw password that looks like parameters is not shown", () => {
    expect(problemsOf("postgres://u:12?hunter=2@db/x")).not.toMatch(/hunter/);
  });
});
