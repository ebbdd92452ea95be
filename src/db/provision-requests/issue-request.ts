import { and, count, eq, gt, inArray, min, sql } from "drizzle-orm";
import { CodedError } from "../../domain/coded-error.ts";
import type { ConnectionId, OrgId, ProjectId } from "../../domain/ids.ts";
import {
  type AccessChoice,
  type BindingMode,
  openRequestsMax,
  type ProvisionRequest,
  requestLifetimeMs,
  startsPerDayMax,
  startsPerPersonAndDayMax,
} from "../../domain/provision-request.ts";
import { appendAuditEvent } from "../audit-events.ts";
import type { Database, Queries } from "../client.ts";
import { newProvisionRequestId } from "../new-id.ts";
import { toRequest } from "../rows.ts";
import { provisionRequests } from "../schema.ts";

export interface NewRequest {
  readonly ssoOrigin: string;
  readonly projectId: ProjectId;
  readonly orgId: OrgId;
  readonly orgName: string | null;
  readonly startedBy: string;
  readonly returnTo: string | null;
  readonly access: AccessChoice | null;
  readonly wantedConnectionId: ConnectionId | null;
  readonly additional: boolean;
  readonly binding: BindingMode;
  readonly stateHash: string;
  readonly browserHash: string | null;
}

const dayMs = 24 * 60 * 60_000;

/**
 * Writes an `issued` request, good for 15 minutes by the database's clock. Not idempotent: each call is a click.
 * @throws {CodedError} too_many_open_requests, daily_limit_reached, each with `retryAfterMs`
 */
export async function issueRequest(database: Database, request: NewRequest): Promise<ProvisionRequest> {
  return database.transaction(async (q) => {
    // One organization's starts queue up here, so that two at once cannot both be the last one allowed.
    await q.execute(
      sql`select pg_advisory_xact_lock(hashtextextended(${`ms-provision-start:${request.orgId}`}, 0))`,
    );
    await refuseBeyondLimits(q, request);
    const rows = await q
      .insert(provisionRequests)
      .values({
        ...request,
        id: newProvisionRequestId(),
        status: "issued",
        expiresAt: sql`now() + make_interval(secs => ${requestLifetimeMs / 1000})`,
      })
      .returning();
    const issued = toRequest(rows[0] as NonNullable<(typeof rows)[0]>);
    await appendAuditEvent(q, { actor: `user:${request.startedBy}`, action: "started", request: issued });
    return issued;
  });
}

async function refuseBeyondLimits(
  q: Queries,
  { orgId, startedBy }: Pick<NewRequest, "orgId" | "startedBy">,
): Promise<void> {
  const [open] = await q
    .select({ requests: count(), firstEnd: min(provisionRequests.expiresAt) })
    .from(provisionRequests)
    .where(
      and(
        eq(provisionRequests.orgId, orgId),
        inArray(provisionRequests.status, ["issued", "consented"]),
        gt(provisionRequests.expiresAt, sql`now()`),
      ),
    );
  if (open && open.requests >= openRequestsMax)
    throw new CodedError("too_many_open_requests", undefined, { retryAfterMs: msUntil(open.firstEnd, 0) });
  const ofToday = and(
    eq(provisionRequests.orgId, orgId),
    eq(provisionRequests.kind, "connect"),
    gt(provisionRequests.createdAt, sql`now() - interval '1 day'`),
  );
  for (const [starts, most] of [
    [ofToday, startsPerDayMax],
    [and(ofToday, eq(provisionRequests.startedBy, startedBy)), startsPerPersonAndDayMax],
  ] as const) {
    const [today] = await q
      .select({ requests: count(), first: min(provisionRequests.createdAt) })
      .from(provisionRequests)
      .where(starts);
    if (today && today.requests >= most)
      throw new CodedError("daily_limit_reached", undefined, { retryAfterMs: msUntil(today.first, dayMs) });
  }
}

function msUntil(time: Date | null, later: number): number {
  return Math.max(1000, (time?.getTime() ?? Date.now()) + later - Date.now());
}
