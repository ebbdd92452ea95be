import { sql } from "drizzle-orm";
import type { AttentionCode } from "../domain/attention.ts";
import { countAttention } from "./attention-counts.ts";
import type { Database } from "./client.ts";

/** What a person on call would ask the database first. */
export interface OperatorFigures {
  /** What has not ended, by state; `cleaning_up` failed and what it made is not removed yet. */
  readonly unfinished: readonly {
    readonly state: "waiting" | "running" | "cleaning_up";
    readonly count: number;
    readonly oldestSeconds: number;
  }[];
  /** What ended within a day; `code` is `none` where nothing failed. */
  readonly ended: readonly {
    readonly kind: string;
    readonly outcome: string;
    readonly code: string;
    readonly count: number;
  }[];
  readonly needsOperator: number;
  readonly isPaused: boolean;
  readonly isCredentialRefused: boolean;
  readonly connections: readonly { readonly status: string; readonly count: number }[];
  /** Live connections that need attention, by what for. */
  readonly attention: ReadonlyMap<AttentionCode, number>;
  /** Live connections whose last look at Microsoft learned nothing. */
  readonly unread: number;
  /** Undefined where no connection is live. Negative once it is over. */
  readonly secretDaysLeft: number | undefined;
  readonly webhooks: {
    readonly well: number;
    readonly failing: number;
    readonly off: number;
    /** 0 where none waits. */
    readonly oldestWaitingSeconds: number;
  };
  /** 0 before the first event. */
  readonly feedPosition: number;
}

/** Reads them all at once. Costs a pass over the operations, so whoever asks often keeps the answer for a while. */
export async function readOperatorFigures(database: Database): Promise<OperatorFigures> {
  return database.run(async (q) => {
    const unfinished = await q.execute(sql`
      select state, count(*)::int as count, extract(epoch from now() - min(since))::float as oldest from (
        select case when status = 'failed' then 'cleaning_up' else status end as state,
          coalesce(completed_at, created_at) as since
        from connection_operations
        where status in ('waiting', 'running') or (status = 'failed' and cleanup = 'pending')
      ) as open group by state`);
    const ended = await q.execute(sql`
      select kind, status as outcome, coalesce(error_code, 'none') as code, count(*)::int as count
      from connection_operations where completed_at > now() - interval '1 day' group by 1, 2, 3`);
    const connections = await q.execute(
      sql`select status, count(*)::int as count from sso_connections group by status`,
    );
    const attention = await countAttention(q);
    const [row] = await q.execute(sql`
      select
        (select count(*) from connection_operations where cleanup = 'needs_operator')::int as needs_operator,
        (select extract(epoch from min(secret_expires_at) - now()) / 86400
          from sso_connections where status in ('active', 'suspended'))::float as secret_days,
        (select count(*) from connection_health join sso_connections on id = connection_id
          where status in ('active', 'suspended') and error_code is not null)::int as unread,
        (select count(*) from provisioning_pauses where cause = 'operator')::int as paused,
        (select count(*) from provisioning_pauses where cause = 'credential_refused')::int as refused,
        (select count(*) from webhook_endpoints where status = 'on' and failing_since is null)::int as well,
        (select count(*) from webhook_endpoints where status = 'on' and failing_since is not null)::int as failing,
        (select count(*) from webhook_endpoints where status = 'off')::int as off,
        (select coalesce(extract(epoch from now() - min(created_at)), 0)
          from webhook_deliveries where status = 'waiting')::float as oldest_waiting,
        (select coalesce(max(position), 0) from events)::float as feed`);
    const one = row as Record<string, number> & { secret_days: number | null };
    return {
      unfinished: unfinished.map((each) => ({
        state: each["state"] as "waiting" | "running" | "cleaning_up",
        count: Number(each["count"]),
        oldestSeconds: Number(each["oldest"]),
      })),
      ended: ended.map((each) => ({
        kind: String(each["kind"]),
        outcome: String(each["outcome"]),
        code: String(each["code"]),
        count: Number(each["count"]),
      })),
      needsOperator: one["needs_operator"] ?? 0,
      isPaused: one["paused"] !== 0,
      isCredentialRefused: one["refused"] !== 0,
      connections: connections.map((each) => ({
        status: String(each["status"]),
        count: Number(each["count"]),
      })),
      attention,
      unread: one["unread"] ?? 0,
      secretDaysLeft: one.secret_days ?? undefined,
      webhooks: {
        well: one["well"] ?? 0,
        failing: one["failing"] ?? 0,
        off: one["off"] ?? 0,
        oldestWaitingSeconds: one["oldest_waiting"] ?? 0,
      },
      feedPosition: one["feed"] ?? 0,
    };
  });
}
