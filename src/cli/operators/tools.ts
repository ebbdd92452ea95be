import type { Client } from "@temporalio/client";
import { loadServiceConfig } from "../../config/load-config.ts";
import { type Database, openDatabase } from "../../db/client.ts";
import { provisionRequestIdSchema } from "../../domain/ids.schema.ts";
import type { ProvisionRequestId } from "../../domain/ids.ts";
import type { ProvisionRuns } from "../../domain/provision-runs.ts";
import { reasonSchema } from "../../domain/text.schema.ts";
import { cleanDisplay } from "../../domain/text.ts";
import { openTemporalClient } from "../../temporal/client.ts";
import { createProvisionRuns } from "../../temporal/provision-runs.ts";

/** Where a command is given: what it reads besides its arguments, and where its lines go. */
export interface Shell {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly print: (line: string) => void;
}

/** What the commands take, `node:util`'s way. */
export const options = {
  org: { type: "string" },
  status: { type: "string" },
  reason: { type: "string" },
  access: { type: "string" },
  "secret-lifetime-days": { type: "string" },
  tenant: { type: "string" },
  delete: { type: "string" },
  acknowledge: { type: "string" },
  role: { type: "string" },
  project: { type: "string" },
  user: { type: "string" },
  json: { type: "boolean" },
  now: { type: "boolean" },
} as const;

type Options = typeof options;
export type OperatorOptions = {
  readonly [K in keyof Options]?: Options[K]["type"] extends "boolean" ? boolean : string;
};

export interface OperatorTools {
  readonly database: Database;
  readonly runs: ProvisionRuns;
}

/** Opens what a command needs from the environment, and closes it afterwards. */
export async function withTools<T>(
  { environment }: Shell,
  work: (tools: OperatorTools) => Promise<T>,
): Promise<T> {
  const config = loadServiceConfig(environment);
  const database = openDatabase(config.database, { poolMax: 1 });
  const client: Client = openTemporalClient(config);
  try {
    return await work({ database, runs: createProvisionRuns(client) });
  } finally {
    await Promise.allSettled([client.connection.close(), database.close()]);
  }
}

/** @throws {TypeError} what to give instead */
export function requireId(id: string | undefined): ProvisionRequestId {
  const parsed = provisionRequestIdSchema.safeParse(id);
  if (!parsed.success) throw new TypeError("give a request id, mspr_…");
  return parsed.data;
}

/** Who is at the keyboard, and why. @throws {TypeError} without a reason */
export function requireOperator(
  { environment }: Shell,
  reason: string | undefined,
): { name: string; reason: string } {
  if (!reason) throw new TypeError("give a --reason; it goes into the audit trail");
  if (!reasonSchema.safeParse(reason).success)
    throw new TypeError("--reason takes up to 500 characters, none of them a control character");
  return { name: cleanDisplay(environment["USER"] ?? "", 64) || "cli", reason };
}
