import { statSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { expect, it } from "vitest";
import { simulatedSecretPrefix } from "../../src/simulator/directory.ts";
import type { Product } from "./product.ts";

/** What finds every secret of a product: any minted one, our own client's, the master key. */
function secretsOf({ environment }: Product): string[] {
  return [
    simulatedSecretPrefix,
    environment["AUTHIO_MS_PROVISION_CLIENT_SECRET"] ?? "",
    environment["AUTHIO_IMPORT_CREDS_KEY"] ?? "",
  ];
}

/** Raw, in hex, in a URL, and in base64 at each of its three alignments, less the ends that neighbours change. */
export function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const inner = [0, 1, 2].flatMap((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), bytes]);
    const whole = padded.subarray(0, padded.length - (padded.length % 3));
    const skipped = offset === 0 ? 0 : 4;
    return [whole.toString("base64").slice(skipped), whole.toString("base64url").slice(skipped)];
  });
  return [...new Set([secret, bytes.toString("hex"), encodeURIComponent(secret), ...inner])];
}

/** All that stands in a value, bytes as text: JSON.stringify would ask Temporal's messages for their base64. */
export function textOf(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("utf8");
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value)
    .map(([name, one]) => `${name}: ${textOf(one)}`)
    .join("\n");
}

/** The places whose text holds a secret of the product. */
export function leaks(product: Product, places: Readonly<Record<string, string>>): string[] {
  const forms = secretsOf(product).flatMap(formsOf);
  return Object.entries(places)
    .filter(([, text]) => forms.some((form) => text.includes(form)))
    .map(([place]) => place);
}

/** Every row of every table of the product's database: what a dump of it would hold. */
async function databaseText({ sql }: Product): Promise<string> {
  const tables = await sql`
    select table_schema as schema, table_name as name from information_schema.tables
    where table_schema not in ('pg_catalog', 'information_schema')`;
  const rows = await Promise.all(
    tables.map(({ schema, name }) => sql`select * from ${sql(`${schema}.${name}`)}`),
  );
  return textOf(rows);
}

/**
 * The files below a folder that hold one of the markers as they are. What was last written before a product began holds
 * nothing of it: thousands of files of the other products on the same server.
 */
async function filesHolding(folder: string, markers: readonly string[], sinceMs: number): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const writtenMs = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (writtenMs < sinceMs) continue;
    // Postgres removes files while it works.
    const bytes = await readFile(file).catch(() => Buffer.alloc(0));
    if (markers.some((marker) => bytes.includes(marker))) found.push(file);
  }
  return found;
}

/** Where a secret of the product stands: in the database, on Postgres' disk (tables, log, temporary files), in a log line. */
export async function plaintextAnywhere(
  product: Product,
  folders: readonly string[] = [],
): Promise<string[]> {
  const [postgres] = await product.sql`show data_directory`;
  const markers = secretsOf(product);
  // File systems keep times coarsely.
  const sinceMs = product.begunMs - 2000;
  const onDisk = await Promise.all(
    [String(postgres?.["data_directory"]), ...folders].map((folder) =>
      filesHolding(folder, markers, sinceMs),
    ),
  );
  const log = product.lines.join("\n");
  return [...leaks(product, { database: await databaseText(product), log }), ...onDisk.flat()];
}

/** For the end of a file: whatever its cases did, no secret was left behind. */
export function itLeavesNoPlaintext(product: () => Product, folders: readonly string[] = []): void {
  it("no plaintext in any table, on Postgres' disk, in a temporary file or in the log", async () => {
    expect(await plaintextAnywhere(product(), folders)).toEqual([]);
  });
}
