import { sweepTenant } from "../../activities/maintenance/sweep-tenants.ts";
import { loadWorkerConfig } from "../../config/load-config.ts";
import { acknowledgeCleanup, listRecentTenants, recordSwept } from "../../db/provision-requests/sweep.ts";
import { CodedError } from "../../domain/coded-error.ts";
import { entraTenantIdSchema } from "../../domain/ids.schema.ts";
import type { EntraTenantId } from "../../domain/ids.ts";
import type { UnnamedApplication } from "../../domain/maintenance-activities.ts";
import { wireActivities } from "../../processes/wire-activities.ts";
import { type OperatorOptions, requireId, requireOperator, type Shell, withTools } from "./tools.ts";

const patienceMs = 60_000;

/** Lists applications that no row names; deletes one, or takes a person's word, only on explicit order. */
export async function sweep(options: OperatorOptions, shell: Shell): Promise<number> {
  if (options.acknowledge !== undefined) return acknowledge(options, shell);
  const tenant = options.tenant === undefined ? undefined : requireTenant(options.tenant);
  if (options.delete !== undefined) {
    if (tenant === undefined) throw new TypeError("--delete needs --tenant, so that nothing else can be hit");
    return deleteOne(tenant, options.delete, options, shell);
  }
  return withTools(shell, async ({ database }) => {
    const deps = wire(shell, database);
    let found = 0;
    for (const one of tenant === undefined ? await listRecentTenants(database) : [tenant])
      for (const app of (await sweepTenant(deps, timeout)({ entraTenantId: one })).unnamed) {
        found += 1;
        shell.print(lineOf(app));
      }
    shell.print(
      found === 0 ? "Nothing is left over." : `${found} without a connection. Nothing was deleted.`,
    );
    return 0;
  });
}

async function acknowledge(options: OperatorOptions, shell: Shell): Promise<number> {
  const [id, operator] = [requireId(options.acknowledge), requireOperator(shell, options.reason)];
  return withTools(shell, async ({ database }) => {
    const changed = await acknowledgeCleanup(database, id, operator);
    shell.print(changed ? `${id}: clean-up is done` : `${id}: no clean-up was waiting for a person`);
    return 0;
  });
}

/** Deletes an application that the sweep lists: ours by tag or name, template and creator, and named by no row. */
async function deleteOne(
  tenant: EntraTenantId,
  objectId: string,
  options: OperatorOptions,
  shell: Shell,
): Promise<number> {
  const operator = requireOperator(shell, options.reason);
  return withTools(shell, async ({ database }) => {
    const deps = wire(shell, database);
    const { unnamed } = await sweepTenant(deps, timeout)({ entraTenantId: tenant });
    const app = unnamed.find(({ appObjectId }) => appObjectId === objectId.toLowerCase());
    if (!app)
      throw new TypeError(
        `${objectId} is not among the applications of ours without a connection in ${tenant}`,
      );
    if (!(await deps.applicationsOf(tenant, timeout()).delete(app.appObjectId)))
      throw new CodedError("application_not_ready", "Microsoft does not show it any more");
    await recordSwept(
      database,
      { appObjectId: app.appObjectId, entraTenantId: tenant, requestId: app.requestId ?? undefined },
      operator,
    );
    const { unnamed: left } = await sweepTenant(deps, timeout)({ entraTenantId: tenant });
    const isLast = !left.some(
      ({ requestId, appObjectId }) => requestId === app.requestId && appObjectId !== app.appObjectId,
    );
    if (app.requestId !== null && isLast)
      await acknowledgeCleanup(database, app.requestId, operator).catch(() => false);
    shell.print(`Deleted ${lineOf(app)}. Entra can restore it for 30 days.`);
    return 0;
  });
}

const timeout = (): AbortSignal => AbortSignal.timeout(patienceMs);

function wire(
  { environment }: Shell,
  database: Parameters<typeof wireActivities>[1],
): ReturnType<typeof wireActivities> {
  const config = loadWorkerConfig(environment);
  if (config.provisioning.kind !== "configured") throw new CodedError("ms_provision_not_configured");
  return wireActivities({ ...config, provisioning: config.provisioning }, database);
}

function requireTenant(text: string): EntraTenantId {
  const parsed = entraTenantIdSchema.safeParse(text);
  if (!parsed.success) throw new TypeError("--tenant is a directory id, a GUID");
  return parsed.data;
}

function lineOf(app: UnnamedApplication): string {
  return `tenant ${app.entraTenantId}  object ${app.appObjectId}  client ${app.appId}  created ${app.createdAt ?? "unknown"}  ${app.displayName}  ${app.requestId ?? ""}`;
}
