import { readParameters } from "./postgres-parameters.ts";
import { type PostgresHost, type PostgresTarget, PostgresUrlError } from "./postgres-target.ts";
import { SecretText } from "./secret-text.ts";

const form = "write it as postgres://user:password@host:5432/database";

/** A host name, an address, `[::1]` or a percent-encoded socket folder, each with or without a port; several by comma. */
const hostPattern = /^(\[[0-9a-f:.]+(?:%[\w.]+)?\]|[^\s:/?#@[\],]*)(?::(\d*))?$/i;
/** What may follow the user: hosts, database, parameters. */
const tailPattern = /^([^/?@]*)(?:\/([^/?@#]*))?(?:\?((?:[^=&]+=[^&]*)?(?:&(?:[^=&]+=[^&]*)?)*))?$/;

interface Parts {
  readonly userInfo: string | undefined;
  readonly hosts: readonly { readonly name: string; readonly port: string }[];
  readonly database: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/**
 * Reads a connection string as libpq does, and forgives what people paste: `#`, `/`, `?`, `@` and `%` as they are in a
 * password, parameters of other drivers. Pure but for `readFile`, which gives the text of a certificate's file.
 * @throws {PostgresUrlError} all problems at once
 */
export function parsePostgresUrl(text: string, readFile: (path: string) => string): PostgresTarget {
  const { userInfo, hosts, database, parameters } = split(withoutScheme(text.trim()));
  const problems: string[] = [];
  const colon = userInfo?.indexOf(":") ?? -1;
  const [user, password] =
    userInfo === undefined || colon < 0
      ? [userInfo ?? "", ""]
      : [userInfo.slice(0, colon), userInfo.slice(colon + 1)];
  const decoded = (what: string, part: string): string => {
    const result = decode(part);
    if (result === undefined) problems.push(`has a ${what} that is not UTF-8; percent-encode it anew`);
    return result ?? "";
  };
  const given = new Map([...parameters].map(([name, value]) => [name, decoded("parameter", value)]));
  const rest = readParameters(given, readFile, problems);
  const [userName, secret, databaseName] = [
    given.get("user") ?? decoded("user", user),
    given.get("password") ?? decoded("password", password),
    given.get("dbname") ?? given.get("database") ?? decoded("database", database),
  ];
  const target: PostgresTarget = {
    hosts: readHosts(hosts, given, problems),
    ...(userName === "" ? {} : { user: userName }),
    ...(secret === "" ? {} : { password: new SecretText(secret) }),
    ...(databaseName === "" ? {} : { database: databaseName }),
    ...rest,
    ...(hosts.length > 1 || (given.get("host") ?? "").includes(",")
      ? { sessionAttributes: rest.sessionAttributes ?? ("read-write" as const) }
      : {}),
  };
  if (problems.length > 0) throw new PostgresUrlError(problems);
  return target;
}

function withoutScheme(text: string): string {
  const [, scheme = ""] = /^([a-z][a-z0-9+.:-]*):\/\//i.exec(text) ?? [];
  if (/^postgres(ql)?$/i.test(scheme)) return text.slice(scheme.length + 3);
  if (/^["'`]/.test(text)) throw new PostgresUrlError(["stands in quotes; leave them out"]);
  if (/^jdbc:/i.test(scheme)) throw new PostgresUrlError([`is an address of JDBC; ${form}`]);
  if (/^postgres(ql)?\+/i.test(scheme))
    throw new PostgresUrlError(["names a driver in its scheme; begin it with postgres://"]);
  throw new PostgresUrlError([`is not an address of PostgreSQL; ${form}`]);
}

/**
 * The user's part ends at the first `@` after which the rest makes sense, so that a raw `@`, `/`, `?` or `#` in a
 * password stays in it.
 */
function split(rest: string): Parts {
  const whole = splitTail(rest);
  if (whole) return { userInfo: undefined, ...whole };
  for (let at = rest.indexOf("@"); at >= 0; at = rest.indexOf("@", at + 1)) {
    const tail = splitTail(rest.slice(at + 1));
    if (tail) return { userInfo: rest.slice(0, at), ...tail };
  }
  throw new PostgresUrlError([`cannot be read; ${form}, special characters percent-encoded`]);
}

function splitTail(text: string): Omit<Parts, "userInfo"> | undefined {
  const match = tailPattern.exec(text);
  if (!match) return undefined;
  const [, authority = "", database = "", query = ""] = match;
  const hosts = authority.split(",").map((host) => hostPattern.exec(host));
  if (hosts.some((host) => !host)) return undefined;
  const parameters = query.split("&").filter((pair) => pair !== "");
  return {
    hosts: hosts.map((host) => ({ name: host?.[1] ?? "", port: host?.[2] ?? "" })),
    database,
    parameters: new Map(
      parameters.map((pair) => {
        const equals = pair.indexOf("=");
        return [pair.slice(0, equals), pair.slice(equals + 1)];
      }),
    ),
  };
}

/** A `%` that begins no pair of hex digits stands for itself. Undefined when the bytes are not UTF-8, or hold a zero. */
function decode(text: string): string | undefined {
  try {
    const result = decodeURIComponent(text.replaceAll(/%(?![0-9a-f]{2})/gi, "%25"));
    return result.includes("\0") ? undefined : result;
  } catch {
    return undefined;
  }
}

/** `host` and `port` among the parameters replace those of the address. */
function readHosts(
  authority: Parts["hosts"],
  parameters: ReadonlyMap<string, string>,
  problems: string[],
): PostgresHost[] {
  const ports = parameters.get("port")?.split(",");
  const named = parameters.get("host")?.split(",");
  const hosts = named
    ? named.map((host) => {
        const match = host.includes("/") ? undefined : hostPattern.exec(host);
        return match ? { name: match[1] ?? "", port: match[2] ?? "" } : { name: host, port: "" };
      })
    : authority.map(({ name, port }) => ({ name: decode(name) ?? "", port }));
  if (ports && ports.length > 1 && ports.length !== hosts.length)
    problems.push("has another number of ports than of hosts; give one for each host");
  return hosts.map(({ name, port: own }, index): PostgresHost => {
    const text = ports?.[ports.length === 1 ? 0 : index] ?? (named ? own || authority[0]?.port || "" : own);
    const port = text === "" ? undefined : Number(text);
    if (port !== undefined && !(/^\d+$/.test(text) && port >= 1 && port <= 65_535))
      problems.push("has a port that is not a number from 1 to 65535");
    if (name.startsWith("/"))
      return { kind: "socket", path: name.includes(".s.PGSQL.") ? name : `${name}/.s.PGSQL.${port ?? 5432}` };
    const bare = name.replace(/^\[(.*)\]$/, "$1");
    return { kind: "tcp", ...(bare === "" ? {} : { name: bare }), ...(port === undefined ? {} : { port }) };
  });
}
