import { sweepTenant } from "../../activities/maintenance/sweep-tenants.ts";
import { loadWorkerConfig } from "../../config/load-config.ts";
import { acknowledgeCleanup } from "../../db/connection-operations/sweep.ts";
import { CodedError } from "../../domain/coded-error.ts";
import type { EntraTenantId } from "../../domain/ids.ts";
import type { UnnamedApplication } from "../../domain/maintenance-activities.ts";
import { parseEntraTenantId } from "../../domain/parse-ids.ts";
import {
  deleteSwept,
  type Sweep,
  sweep as sweepDirectories,
  type SweptDirectories,
} from "../../operations/sweep.ts";
import { wireActivities } from "../../processes/wire-activities.ts";
import type { OperatorOptions, Shell } from "./options.ts";
import { requireId, requireOperator, withTools } from "./tools.ts";

const patienceMs = 60_000;

/** Lists applications that no row names; deletes one, or takes a person's word, only on explicit order. */
export async function sweep(
  _ids: readonly string[],
  options: OperatorOptions,
  shell: Shell,
): Promise<number> {
  if (options.acknowledge !== undefined) return acknowledge(options, shell);
  const entraTenantId = options.tenant === undefined ? undefined : requireTenant(options.tenant);
  if (options.delete !== undefined) {
    if (entraTenantId === undefined)
      throw new TypeError("--delete needs --tenant, so that nothing else can be hit");
    return deleteOne(entraTenantId, options.delete, options, shell);
  }
  return withTools(shell, async ({ database }) => {
    const ctx = { database, directories: openDirectories(shell, database) };
    const { found, closed } = await sweepDirectories({ ctx, input: { entraTenantId } });
    for (const line of options.json ? [JSON.stringify({ data: found, closed })] : report({ found, closed }))
      shell.print(line);
    return closed.length === 0 ? 0 : 1;
  });
}

function report({ found, closed }: Sweep): string[] {
  return [
    ...found.map(lineOf),
    ...closed.map(({ tenant, code }) => `tenant ${tenant}  cannot be looked at: ${code}`),
    found.length === 0
      ? "Nothing is left over where it could be looked."
      : `${found.length} without a connection. Nothing was deleted.`,
  ];
}

async function acknowledge(options: OperatorOptions, shell: Shell): Promise<number> {
  const [id, operator] = [requireId(options.acknowledge), requireOperator(shell, options.reason)];
  return withTools(shell, async ({ database }) => {
    const changed = await acknowledgeCleanup(database, id, operator);
    shell.print(changed ? `${id}: clean-up is done` : `${id}: no clean-up was waiting for a person`);
    return 0;
  });
}

async function deleteOne(
  entraTenantId: EntraTenantId,
  objectId: string,
  options: OperatorOptions,
  shell: Shell,
): Promise<number> {
  const operator = requireOperator(shell, options.reason);
  return withTools(shell, async ({ database }) => {
    const ctx = { database, directories: openDirectories(shell, database) };
    const input = { entraTenantId, appObjectId: objectId.toLowerCase(), operator };
    const app = await deleteSwept({ ctx, input }).catch((error: unknown) => {
      if (!(error instanceof CodedError) || error.code !== "not_found") throw error;
      throw new TypeError(
        `${objectId} is not among the applications of ours without a connection in ${entraTenantId}`,
      );
    });
    shell.print(`Deleted ${lineOf(app)}. Entra can restore it for 30 days.`);
    return 0;
  });
}

function openDirectories(
  { environment }: Shell,
  database: Parameters<typeof wireActivities>[1],
): SweptDirectories {
  const config = loadWorkerConfig(environment);
  if (config.provisioning.kind !== "configured") throw new CodedError("ms_provision_not_configured");
  const deps = wireActivities({ ...config, provisioning: config.provisioning }, database);
  const timeout = (): AbortSignal => AbortSignal.timeout(patienceMs);
  return {
    listUnnamed: async (entraTenantId) => (await sweepTenant(deps, timeout)({ entraTenantId })).unnamed,
    delete: (entraTenantId, appObjectId) => deps.applicationsOf(entraTenantId, timeout()).delete(appObjectId),
  };
}

function requireTenant(text: string): EntraTenantId {
  const id = parseEntraTenantId(text);
  if (id === undefined) throw new TypeError("--tenant is a directory id, a GUID");
  return id;
}

function lineOf(app: UnnamedApplication): string {
  return `tenant ${app.entraTenantId}  object ${app.appObjectId}  client ${app.appId}  created ${app.createdAt ?? "unknown"}  ${app.displayName}  ${app.owner ?? ""}`;
}
