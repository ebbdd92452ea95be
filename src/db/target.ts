import { readFileSync } from "node:fs";
import type { PostgresTarget } from "../domain/postgres-target.ts";
import { parsePostgresUrl } from "../domain/postgres-url.ts";

/** A connection string, or one that the configuration has read. @throws {PostgresUrlError} */
export function targetOf(url: PostgresTarget | string): PostgresTarget {
  return typeof url === "string" ? parsePostgresUrl(url, (path) => readFileSync(path, "utf8")) : url;
}
