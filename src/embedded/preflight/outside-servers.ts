import { isIP } from "node:net";
import { parsePostgresUrl } from "../../domain/postgres-url.ts";
import { parseTemporalAddress } from "../../domain/temporal-address.ts";

/** Servers of this machine that the embedded stack uses in place of its own. */
export interface OutsideServers {
  readonly databaseUrl?: string;
  readonly temporalAddress?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads `DATABASE_URL` and `TEMPORAL_ADDRESS` for the embedded stack, which writes test data and runs test workflows:
 * only servers on this machine are taken, whatever a shell has exported. A string says what is wrong.
 */
export function readOutsideServers(environment: Environment): OutsideServers | string {
  if (environment["DATABASE_URL_FILE"]?.trim())
    return `DATABASE_URL_FILE is set. ${remedy("DATABASE_URL_FILE", "PostgreSQL")}`;
  const databaseUrl = environment["DATABASE_URL"]?.trim();
  const temporalAddress = environment["TEMPORAL_ADDRESS"]?.trim();
  try {
    if (databaseUrl) {
      const { hosts } = parsePostgresUrl(databaseUrl, () => "");
      const names = hosts.flatMap((host) =>
        host.kind === "socket"
          ? []
          : (host.name ?? (environment["PGHOST"]?.trim() || "localhost")).split(","),
      );
      if (!names.every((name) => name.startsWith("/") || isLoopback(name)))
        return `DATABASE_URL names a server that is not on this machine. ${remedy("DATABASE_URL", "PostgreSQL")}`;
    }
  } catch (error) {
    return `${(error as Error).message}. ${remedy("DATABASE_URL", "PostgreSQL")}`;
  }
  try {
    if (temporalAddress && !isLoopback(parseTemporalAddress(temporalAddress).address.replace(/:\d+$/, "")))
      return `TEMPORAL_ADDRESS names a server that is not on this machine. ${remedy("TEMPORAL_ADDRESS", "Temporal")}`;
  } catch (error) {
    return `TEMPORAL_ADDRESS ${(error as Error).message}. ${remedy("TEMPORAL_ADDRESS", "Temporal")}`;
  }
  return { ...(databaseUrl ? { databaseUrl } : {}), ...(temporalAddress ? { temporalAddress } : {}) };
}

const remedy = (variable: string, server: string): string =>
  `This stack writes test data, so it brings its own ${server} and takes at most one on localhost: unset ${variable}.`;

/** Names and addresses that never leave this machine, as resolvers read them. */
function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  if (isIP(bare) === 4) return bare.startsWith("127.");
  if (isIP(bare) === 6) return /^(?:0*:)*:?0*1$/.test(bare) || bare.startsWith("::ffff:127.");
  return bare === "localhost" || bare.endsWith(".localhost");
}
