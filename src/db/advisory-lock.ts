import { createHash } from "node:crypto";

/** The statement that takes a lock until the transaction ends. Its number comes of the name; two names that share one wait for each other. */
export function advisoryLock(name: string): string {
  return `select pg_advisory_xact_lock(${createHash("sha256").update(name).digest().readBigInt64BE()})`;
}
