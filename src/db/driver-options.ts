import { isIP } from "node:net";
import { checkServerIdentity } from "node:tls";
import type postgres from "postgres";
import type { PostgresHost, PostgresTarget, PostgresTls } from "../domain/postgres-target.ts";

export type DriverOptions = NonNullable<Parameters<typeof postgres>[1]>;

/** Settings of PostgreSQL that hold for a session, or for one transaction behind a pooler. */
export type SessionSettings = Readonly<Record<string, string>>;

/**
 * What the code relies on, whatever the database, the role or the server say. Dates are read as ISO; a search path is
 * left to the role unless the connection string names one.
 */
export function sessionSettings(target: PostgresTarget, own: SessionSettings): SessionSettings {
  const searchPath =
    target.searchPath ??
    (target.schema === undefined ? undefined : `"${target.schema.replaceAll('"', '""')}"`);
  return {
    DateStyle: "ISO",
    TimeZone: "UTC",
    ...own,
    ...(searchPath === undefined ? {} : { search_path: searchPath }),
  };
}

/** The driver's options for one of the target's hosts. `settings` become start-up parameters, which a pooler would refuse. */
export function driverOptions(
  target: PostgresTarget,
  host: PostgresHost,
  settings: SessionSettings,
): DriverOptions {
  const { user, password, database, options } = target;
  const tls = host.kind === "socket" ? false : driverTls(target.tls, host);
  const result = {
    // Lists, so that the driver does not take an IPv6 address apart.
    ...(host.kind === "socket"
      ? { path: host.path }
      : {
          ...(host.name === undefined ? {} : { host: [host.name] }),
          ...(host.port === undefined ? {} : { port: [host.port] }),
        }),
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password: password.reveal() }),
    ...(database === undefined ? {} : { database }),
    ssl: tls,
    connect_timeout: target.connectTimeoutSeconds,
    idle_timeout: 60,
    // An outage must be felt as an error at once; callers decide about retries.
    backoff: () => 0.1,
    // A prepared statement belongs to a session, and a pooler lends another one each time.
    prepare: target.prepares,
    // Arrays are not used, and the driver's own look at their types ends the process when it is cut off.
    fetch_types: false,
    onnotice: () => {},
    connection: {
      application_name: target.applicationName,
      ...(options === undefined ? {} : { options }),
      ...(target.isPooled ? {} : settings),
    },
  };
  // The driver's types know one host only.
  return result as unknown as DriverOptions;
}

/** The settings as a statement that sets them until the transaction ends. */
export function localSettings(settings: SessionSettings): string {
  const calls = Object.entries(settings).map(
    ([name, value]) => `set_config('${name}', '${value.replaceAll("'", "''")}', true)`,
  );
  return `select ${calls.join(", ")}`;
}

function driverTls(
  tls: PostgresTls,
  host: PostgresHost & { kind: "tcp" },
): NonNullable<DriverOptions["ssl"]> {
  if (tls.kind === "off") return false;
  if (tls.kind === "preferred") return "prefer";
  const client = tls.client && {
    cert: tls.client.cert,
    key: tls.client.key.reveal(),
    ...(tls.client.passphrase ? { passphrase: tls.client.passphrase.reveal() } : {}),
  };
  if (tls.kind === "encrypted") return { rejectUnauthorized: false, ...client };
  const name = host.name ?? "localhost";
  return {
    rejectUnauthorized: true,
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...client,
    ...(!tls.checksName
      ? { checkServerIdentity: () => undefined }
      : isIP(name)
        ? // The driver names no host to TLS where it is an address.
          {
            checkServerIdentity: (_: string, cert: Parameters<typeof checkServerIdentity>[1]) =>
              checkServerIdentity(name, cert),
          }
        : {}),
  };
}
