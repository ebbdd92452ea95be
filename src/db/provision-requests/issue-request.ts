import { sql } from "drizzle-orm";
import type { AuditAction } from "../../domain/audit-action.ts";
import { CodedError } from "../../domain/coded-error.ts";
import type { ProvisionRequestId } from "../../domain/ids.ts";
import {
  openRequestsMax,
  type RequestFacts,
  requestLifetimeMs,
  startsPerDayMax,
  startsPerPersonAndDayMax,
  type StarterBinding,
} from "../../domain/provision-request.ts";
import type { Database } from "../client.ts";
import { credentialRefusal, refusedForMs } from "../credential-breaker.ts";
import { newProvisionRequestId } from "../new-id.ts";
import type { Queries } from "../queries.ts";
import { auditEvents, provisionRequests } from "../schema.ts";

export type NewRequest = Pick<
  RequestFacts,
  | "ssoOrigin"
  | "projectId"
  | "orgId"
  | "orgName"
  | "startedBy"
  | "returnTo"
  | "access"
  | "wantedConnectionId"
  | "additional"
  | "browserHash"
> &
  Partial<Pick<RequestFacts, "traceParent" | "intent">> & {
    readonly stateHash: string;
    readonly binding: StarterBinding;
  };

export interface IssuedRequest {
  readonly id: ProvisionRequestId;
  readonly expiresAt: Date;
}

const dayMs = 24 * 60 * 60_000;
/** A refusal of our own credential that is younger may be over before the person comes back with an approval. */
const mendedSoonMs = 2 * 60_000;

/**
 * Writes an `issued` request, good for 15 minutes by the database's clock. Not idempotent: each call is a click.
 * @throws {CodedError} provisioning_credential_refused, too_many_open_requests, daily_limit_reached, each with
 * `retryAfterMs`
 */
export async function issueRequest(database: Database, request: NewRequest): Promise<IssuedRequest> {
  const id = newProvisionRequestId();
  // One organization's starts queue up here, so that two at once cannot both be the last one allowed. The lock is a
  // statement of its own: what a statement sees is decided when it begins, before it would have waited.
  return database.transaction(async (q) => {
    const found = await issueWithinLimits(q, id, request);
    if (found.expiresMs !== null) return { id, expiresAt: new Date(found.expiresMs) };
    // The proof needs it: who starts now would approve at Microsoft and be stopped on the way back.
    if (found.refusedMs !== null && found.refusedMs >= mendedSoonMs) throw credentialRefusal(found.refusedMs);
    if (found.open >= openRequestsMax)
      throw new CodedError("too_many_open_requests", undefined, { retryAfterMs: msUntil(found.firstEndMs) });
    const first = found.starts >= startsPerDayMax ? found.firstStartMs : found.firstOwnMs;
    throw new CodedError("daily_limit_reached", undefined, {
      retryAfterMs: msUntil(first === null ? null : first + dayMs),
    });
  }, `ms-provision-start:${request.orgId}`);
}

/** Moments in ms since 1970. `expiresMs` is null where a limit or a refusal forbids it; then nothing was written. */
interface Found {
  /** For how long our own credential has counted as refused. */
  readonly refusedMs: number | null;
  readonly open: number;
  readonly firstEndMs: number | null;
  readonly starts: number;
  readonly firstStartMs: number | null;
  readonly own: number;
  readonly firstOwnMs: number | null;
  readonly expiresMs: number | null;
}

/**
 * Looks for all limits, writes the request and its audit event: one round trip. What is open was made today, since it
 * lasts for 15 minutes. Presses of setup links are nobody's starts: who has one must not keep the organization from its
 * button.
 */
async function issueWithinLimits(q: Queries, id: ProvisionRequestId, request: NewRequest): Promise<Found> {
  const { orgId, startedBy, projectId, intent = "connect" } = request;
  const action = (intent === "release" ? "release_started" : "started") satisfies AuditAction;
  const isOpen = sql`status in ('issued', 'consented') and expires_at > now()`;
  const isOwn = sql`started_by = ${startedBy}`;
  const [found] = await q.execute(sql`
    with found as (
      select count(*) filter (where ${isOpen})::int as "open",
        min(${ms("expires_at")}) filter (where ${isOpen}) as "firstEndMs",
        count(*)::int as "starts",
        min(${ms("created_at")}) as "firstStartMs",
        count(*) filter (where ${isOwn})::int as "own",
        min(${ms("created_at")}) filter (where ${isOwn}) as "firstOwnMs",
        ${refusedForMs} as "refusedMs"
      from ${provisionRequests} where org_id = ${orgId} and setup_link_id is null
        and created_at > now() - interval '1 day'
    ), issued as (
      insert into ${provisionRequests} (id, sso_origin, project_id, org_id, org_name, started_by, return_to, intent, access,
        wanted_connection_id, additional, binding, state_hash, browser_hash, trace_parent, status, expires_at)
      select ${id}, ${request.ssoOrigin}, ${projectId}, ${orgId}, ${request.orgName}, ${startedBy},
        ${request.returnTo}, ${intent}, ${request.access}, ${request.wantedConnectionId}, ${request.additional}::boolean,
        ${request.binding}, ${request.stateHash}, ${request.browserHash}, ${request.traceParent ?? null}, 'issued',
        now() + ${requestLifetimeMs} * interval '1 ms'
      from found where "open" < ${openRequestsMax} and "starts" < ${startsPerDayMax} and "own" < ${startsPerPersonAndDayMax}
        and coalesce("refusedMs" < ${mendedSoonMs}, true)
      returning expires_at
    ), told as (
      insert into ${auditEvents} (actor, action, project_id, org_id, request_id, generation)
      select ${`user:${startedBy}`}, ${action}, ${projectId}, ${orgId}, ${id}, 0 from issued
    )
    select found.*, ${ms("issued.expires_at")} as "expiresMs" from found left join issued on true`);
  return found as unknown as Found;
}

const ms = (column: string) => sql.raw(`(extract(epoch from ${column}) * 1000)::float8`);

function msUntil(timeMs: number | null): number {
  return Math.max(1000, (timeMs ?? Date.now()) - Date.now());
}
