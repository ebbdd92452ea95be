import { readFileSync } from "node:fs";
import type { Product } from "../../support/product.ts";

/** A role for the workers alone, with the rights that grants.sql gives, so that a test can take some from it; its address. */
export async function newWorkerRole(product: Product): Promise<{ role: string; url: URL }> {
  const url = new URL(product.environment["DATABASE_URL"] ?? "");
  const role = `${url.username}_worker`;
  url.username = role;
  await product.sql.unsafe(`create role ${role} login password '${url.password}'`);
  const grants = readFileSync(new URL("../../../src/db/grants.sql", import.meta.url), "utf8");
  await product.sql.unsafe(grants.replaceAll("authio_runtime", role)).simple();
  return { role, url };
}
