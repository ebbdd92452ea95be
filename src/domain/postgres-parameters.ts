import { readPostgresTls } from "./postgres-tls.ts";
import type { PostgresTarget } from "./postgres-target.ts";

type Parameters = ReadonlyMap<string, string>;
type Rest = Omit<PostgresTarget, "hosts" | "user" | "password" | "database">;

const words = (text: string): string[] => text.split(" ");

/** Part of the address itself, or of its encryption; read elsewhere. */
const elsewhere = words(
  "host port user password dbname database ssl sslmode sslrootcert sslcert sslkey sslpassword sslaccept " +
    "sslcompression sslsni sslnegotiation channel_binding",
);
/** How other drivers pool, prepare or keep alive. This service has its own way, so they change nothing. */
const withoutEffect = words(
  "pool_timeout socket_timeout single_use_connections idle_timeout max_lifetime statement_cache_size " +
    "prepared_statements prepareThreshold preparedStatements default_query_exec_mode " +
    "statement_cache_capacity binary_parameters fetch_types keepalives keepalives_idle " +
    "keepalives_interval keepalives_count tcp_user_timeout load_balance_hosts uselibpqcompat supa " +
    "workaround gssdelegation krbsrvname gsslib DateStyle datestyle TimeZone timezone",
);
/** This service sets its own values; someone else's would break what it promises. */
const ownSettings = words(
  "statement_timeout idle_in_transaction_session_timeout transaction_timeout lock_timeout " +
    "tcp_keepalives_idle tcp_keepalives_interval tcp_keepalives_count",
);
const namesOf = {
  limit: ["connection_limit", "max", "pool", "pool_size", "pool_max_conns"],
  encoding: ["client_encoding", "encoding"],
  searchPath: ["search_path", "currentSchema"],
  applicationName: ["application_name", "ApplicationName", "fallback_application_name"],
} as const;
const here = words(
  "schema pgbouncer pool_mode prepare options connect_timeout target_session_attrs gssencmode",
);
const known = new Set<string>(
  [elsewhere, withoutEffect, ownSettings, here, ...Object.values(namesOf)].flat(),
);

const defaultName = "authio-ms-provision";
const connectTimeout = { usual: 3, max: 10 };
const connectionsUsual = 20;

/** What the parameters of a connection string say; notes what is wrong with them in `problems`. */
export function readParameters(
  parameters: Parameters,
  readFile: (path: string) => string,
  problems: string[],
): Rest {
  for (const [name, value] of parameters) {
    if (!known.has(name))
      problems.push(
        // A raw password may have been taken for a parameter; its parts are not shown.
        /^[a-z_]{2,40}$/i.test(name) && !value.includes("@")
          ? `has the parameter ${name}, which is not known here; leave it out`
          : "has a parameter that is not known here; leave it out, and percent-encode the password",
      );
    if (ownSettings.includes(name))
      problems.push(`has the parameter ${name}, which this service sets itself; leave it out`);
  }
  const isPooled =
    isOn(parameters.get("pgbouncer")) || /^(transaction|statement)$/.test(parameters.get("pool_mode") ?? "");
  const first = (names: readonly string[]): string | undefined =>
    names.map((name) => parameters.get(name)).find((value) => value !== undefined && value !== "");
  const encoding = first(namesOf.encoding);
  if (encoding !== undefined && !/^(utf-?8|unicode|auto)$/i.test(encoding))
    problems.push("asks for another client_encoding than UTF8; leave it out");
  if (parameters.get("gssencmode") === "require")
    problems.push("demands GSSAPI (gssencmode=require), which is not spoken here; use TLS with sslmode");
  const options = readOptions(parameters, isPooled, problems);
  const searchPath = first(namesOf.searchPath);
  const schema = first(["schema"]);
  const attributes = readAttributes(parameters, problems);
  return {
    tls: readPostgresTls(parameters, readFile, problems),
    isPooled,
    prepares: !isPooled && parameters.get("prepare") !== "false",
    ...(schema === undefined ? {} : { schema }),
    ...(searchPath === undefined ? {} : { searchPath }),
    ...(options === undefined ? {} : { options }),
    applicationName: first(namesOf.applicationName) ?? defaultName,
    connectTimeoutSeconds: Math.min(
      wholeNumber(parameters, ["connect_timeout"], problems) || connectTimeout.usual,
      connectTimeout.max,
    ),
    // One for statements and one for transactions at least.
    connectionsMax: Math.min(
      Math.max(wholeNumber(parameters, namesOf.limit, problems) ?? connectionsUsual, 2),
      connectionsUsual,
    ),
    ...(attributes === undefined ? {} : { sessionAttributes: attributes }),
  };
}

function isOn(value: string | undefined): boolean {
  return /^(true|1|yes|on)$/i.test(value ?? "");
}

function wholeNumber(
  parameters: Parameters,
  names: readonly string[],
  problems: string[],
): number | undefined {
  const name = names.find((name) => parameters.has(name));
  const value = name === undefined ? undefined : parameters.get(name);
  if (name === undefined || value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  problems.push(`has a ${name} that is not a whole number`);
  return undefined;
}

/** Behind a pooler only what names the endpoint (`endpoint=…`, `project=…`) may pass; settings would be refused. */
function readOptions(parameters: Parameters, isPooled: boolean, problems: string[]): string | undefined {
  const options = parameters.get("options")?.replaceAll("+", " ");
  if (!options) return undefined;
  if (isPooled && /(^|\s)-/.test(options))
    problems.push("has options, which a pooler does not take; set them with alter role … set …");
  return options;
}

function readAttributes(parameters: Parameters, problems: string[]): PostgresTarget["sessionAttributes"] {
  const value = parameters.get("target_session_attrs") ?? "any";
  if (value === "read-write" || value === "primary") return value;
  if (value !== "any")
    problems.push("asks for a server that takes no writes; set target_session_attrs=read-write");
  return undefined;
}
