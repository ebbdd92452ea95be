import { and, desc, eq, gte, isNull, type SQL, sql } from "drizzle-orm";
import type { CleanupState } from "../domain/connection-operation.ts";
import type { ErrorCode } from "../domain/error-codes.ts";
import type { EntraTenantId, OrgId } from "../domain/ids.ts";
import type { RequestStatus } from "../domain/provision-request.ts";
import { isOperationId, type Work, type WorkId } from "../domain/work.ts";
import type { Database } from "./client.ts";
import { toOperation, toRequest } from "./rows.ts";
import { connectionOperations, provisionRequests } from "./schema.ts";

/** By the click's id, or by the operation's. */
export async function findWork(database: Database, id: WorkId): Promise<Work | undefined> {
  return database.run(async (q) => {
    const [click] = await q
      .select({ request: provisionRequests, operation: connectionOperations })
      .from(provisionRequests)
      .leftJoin(connectionOperations, eq(connectionOperations.id, provisionRequests.operationId))
      .where(isOperationId(id) ? eq(provisionRequests.operationId, id) : eq(provisionRequests.id, id));
    if (click) return toWork(click);
    const [row] = await q.select().from(connectionOperations).where(eq(connectionOperations.id, id));
    return row && { request: undefined, operation: toOperation(row) };
  });
}

/** What operators look for. Whatever is undefined admits all. */
export interface WorkFilter {
  /** A click's; an operation without a click is found under the word that its click would have. */
  readonly status?: RequestStatus | undefined;
  readonly cleanup?: CleanupState | undefined;
  readonly orgId?: OrgId | undefined;
  readonly tenantId?: EntraTenantId | undefined;
  readonly code?: ErrorCode | undefined;
  /** Begun then or later. */
  readonly since?: Date | undefined;
}

/**
 * Newest first, at most `limit`, from behind one of them. Undefined where there is none of that id: of another status is
 * good, since a status changes between two pages.
 */
export async function listWork(
  database: Database,
  filter: WorkFilter,
  page: { readonly after?: WorkId | undefined; readonly limit: number },
): Promise<Work[] | undefined> {
  if (page.after !== undefined && !(await findCursor(database, page.after, filter.orgId))) return undefined;
  const operationStatus = filter.status && (operationWords[filter.status] ?? filter.status);
  const [clicks, others] = await database.run((q) =>
    Promise.all([
      q
        .select({ request: provisionRequests, operation: connectionOperations })
        .from(provisionRequests)
        .leftJoin(connectionOperations, eq(connectionOperations.id, provisionRequests.operationId))
        .where(fits(provisionRequests, filter, filter.status, page.after))
        .orderBy(desc(provisionRequests.createdAt), desc(provisionRequests.id))
        .limit(page.limit),
      q
        .select()
        .from(connectionOperations)
        .where(
          and(
            isNull(connectionOperations.requestId),
            fits(connectionOperations, filter, operationStatus, page.after),
          ),
        )
        .orderBy(desc(connectionOperations.createdAt), desc(connectionOperations.id))
        .limit(page.limit),
    ]),
  );
  const work: Work[] = [
    ...clicks.map(toWork),
    ...others.map((row) => ({ request: undefined, operation: toOperation(row) })),
  ];
  return work.toSorted(newestFirst).slice(0, page.limit);
}

/** Clicks and operations call two of their statuses differently. */
const operationWords: Partial<Record<RequestStatus, string>> = { proved: "waiting", provisioning: "running" };

function fits(
  table: typeof provisionRequests | typeof connectionOperations,
  { cleanup, orgId, tenantId, code, since }: WorkFilter,
  status: string | undefined,
  after: WorkId | undefined,
): SQL | undefined {
  return and(
    status === undefined ? undefined : eq(table.status, status),
    cleanup === undefined ? undefined : eq(table.cleanup, cleanup),
    orgId === undefined ? undefined : eq(table.orgId, orgId),
    tenantId === undefined ? undefined : eq(table.entraTenantId, tenantId),
    code === undefined ? undefined : eq(table.errorCode, code),
    since === undefined ? undefined : gte(table.createdAt, since),
    after === undefined
      ? undefined
      : sql`(${table.createdAt}, ${table.id}) < (
          select last.created_at, last.id from ms_provision_requests as last where last.id = ${after}
          union all
          select last.created_at, last.id from connection_operations as last where last.id = ${after})`,
  );
}

async function findCursor(database: Database, id: WorkId, orgId: OrgId | undefined): Promise<boolean> {
  const { request, operation } = (await findWork(database, id)) ?? {};
  const one = request ?? operation;
  return one?.id === id && (orgId === undefined || one.orgId === orgId);
}

function toWork(row: {
  request: typeof provisionRequests.$inferSelect;
  operation: typeof connectionOperations.$inferSelect | null;
}): Work {
  return {
    request: toRequest(row.request),
    operation: row.operation === null ? undefined : toOperation(row.operation),
  };
}

function newestFirst(a: Work, b: Work): number {
  const [one, other] = [a.request ?? a.operation, b.request ?? b.operation];
  const byTime = other.createdAt.getTime() - one.createdAt.getTime();
  return byTime === 0 ? (other.id < one.id ? -1 : 1) : byTime;
}
