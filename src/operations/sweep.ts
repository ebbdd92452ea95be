import { acknowledgeCleanup, listRecentTenants, recordSwept } from "../db/connection-operations/sweep.ts";
import { CodedError } from "../domain/coded-error.ts";
import type { ErrorCode } from "../domain/error-codes.ts";
import type { AppObjectId, EntraTenantId } from "../domain/ids.ts";
import type { UnnamedApplication } from "../domain/maintenance-activities.ts";
import type { OperationsContext } from "./context.ts";

/** The customers' directories, as far as they hold applications of ours that no row names. */
export interface SweptDirectories {
  /** @throws {CodedError} where that directory lets us look no more */
  listUnnamed(entraTenantId: EntraTenantId): Promise<readonly UnnamedApplication[]>;
  /** False where Microsoft does not know it. */
  delete(entraTenantId: EntraTenantId, appObjectId: AppObjectId): Promise<boolean>;
}

type SweepContext = Pick<OperationsContext, "database"> & { readonly directories: SweptDirectories };

export interface Sweep {
  readonly found: readonly UnnamedApplication[];
  /** Directories that could not be looked at, and why. */
  readonly closed: readonly { readonly tenant: EntraTenantId; readonly code: ErrorCode }[];
}

/**
 * Looks through one directory, or through each with a connection or an operation of the last 30 days. One that has
 * withdrawn its consent does not hide the others. Deletes nothing.
 */
export async function sweep({
  ctx,
  input,
}: {
  ctx: SweepContext;
  input: { readonly entraTenantId: EntraTenantId | undefined };
}): Promise<Sweep> {
  const { entraTenantId } = input;
  const tenants = entraTenantId === undefined ? await listRecentTenants(ctx.database) : [entraTenantId];
  const found: UnnamedApplication[] = [];
  const closed: { tenant: EntraTenantId; code: ErrorCode }[] = [];
  for (const tenant of tenants)
    try {
      found.push(...(await ctx.directories.listUnnamed(tenant)));
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      closed.push({ tenant, code: error.code });
    }
  return { found, closed };
}

/**
 * Deletes an application that the sweep lists: ours by tag or name, template and creator, and named by no row. With the
 * last one of an operation its clean-up is done. Entra can restore it for 30 days.
 * @throws {CodedError} not_found, where the sweep does not list it; application_not_ready
 */
export async function deleteSwept({
  ctx,
  input,
}: {
  ctx: SweepContext;
  input: {
    readonly entraTenantId: EntraTenantId;
    readonly appObjectId: string;
    readonly operator: { readonly name: string; readonly reason: string };
  };
}): Promise<UnnamedApplication> {
  const { entraTenantId, appObjectId, operator } = input;
  const app = (await ctx.directories.listUnnamed(entraTenantId)).find(
    (one) => one.appObjectId === appObjectId,
  );
  if (!app) throw new CodedError("not_found", "no application of ours without a connection");
  if (!(await ctx.directories.delete(entraTenantId, app.appObjectId)))
    throw new CodedError("application_not_ready", "Microsoft does not show it any more");
  const swept = { appObjectId: app.appObjectId, entraTenantId, owner: app.owner ?? undefined };
  await recordSwept(ctx.database, swept, operator);
  const left = await ctx.directories.listUnnamed(entraTenantId);
  // Lists lag behind deletions.
  const isLast = !left.some((one) => one.owner === app.owner && one.appObjectId !== app.appObjectId);
  // A restored database may know nothing of it.
  if (app.owner !== null && isLast)
    await acknowledgeCleanup(ctx.database, app.owner, operator).catch(() => false);
  return app;
}
