import type { Actor } from "../domain/actor.ts";
import { sql } from "drizzle-orm";
import type { SsoConnection } from "../domain/sso-connection.ts";
import type { Queries } from "./queries.ts";
import { auditEvents, signinCodes, signinTokens } from "./schema.ts";

/**
 * Deletes the opaque tokens of a connection, and tells of every sign-in with it whose access token may still be good:
 * such a token cannot be called back, so whoever takes it must be told. In the transaction that ends them, which holds the connection's row; `connection` is
 * as it was before, since codes know its epoch.
 * @param lifetimeSeconds of a token, and some more for clocks that differ
 */
export async function revokeSessions(
  q: Queries,
  connection: Pick<SsoConnection, "id" | "projectId" | "orgId" | "epoch">,
  by: {
    readonly actor: Actor;
    readonly reason: "suspended" | "disconnected";
    readonly lifetimeSeconds: number;
  },
): Promise<void> {
  await q.execute(sql`delete from ${signinTokens} where connection_id = ${connection.id}`);
  await q.execute(sql`
    insert into ${auditEvents} (actor, action, project_id, org_id, connection_id, generation, detail)
    select ${by.actor}::text, 'session_revoked', ${connection.projectId}::text, ${connection.orgId}::text,
      ${connection.id}::text, 0, jsonb_build_object('sid', sid, 'reason', ${by.reason}::text)
    from ${signinCodes}
    where connection_id = ${connection.id} and epoch = ${connection.epoch}
      -- A code that nobody brought back in time gave nothing.
      and spent_at <= expires_at
      and spent_at > now() - make_interval(secs => ${by.lifetimeSeconds})`);
}
