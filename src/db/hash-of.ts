import { createHash } from "node:crypto";

/** SHA-256 in hex: what the tables keep of a value that only its holder knows. */
export function hashOf(value: string): string {
  return createHash("sha256").update(value).digest("hex");
}
