import { and, eq, isNull, notExists, sql } from "drizzle-orm";
import type { PgUpdateSetSource } from "drizzle-orm/pg-core";
import type { Actor } from "../domain/actor.ts";
import { type SsoConnection, usersConsented } from "../domain/sso-connection.ts";
import { appendAuditEvent } from "./audit-events.ts";
import type { Database } from "./client.ts";
import { lockConnection } from "./connection-status.ts";
import type { Queries } from "./queries.ts";
import { auditEvents, ssoConnections } from "./schema.ts";

/**
 * What Microsoft's grants say, in the transaction of a look: their word goes before that of sign-ins. Undefined: our
 * permission does not read them (any more), so sign-ins may overrule what they said. Repeat: keeps the first time.
 */
export async function noteGrants(
  q: Queries,
  connection: SsoConnection,
  isConsentedForAll: boolean | undefined,
): Promise<void> {
  if (isConsentedForAll === undefined) {
    await setConsent(q, connection, { usersConsentBy: connection.usersConsentBy && "sign_ins" });
    return;
  }
  const before = usersConsented(connection);
  await setConsent(q, connection, {
    usersConsentBy: "grants",
    ...(before === isConsentedForAll ? {} : timesOf(isConsentedForAll)),
  });
  if (before !== isConsentedForAll) await tell(q, connection, isConsentedForAll, "system");
}

/** Microsoft's token endpoint said that nobody consented (AADSTS65001). Repeat: keeps the first time. */
export async function recordConsentMissing(
  database: Database,
  { id, appId }: Pick<SsoConnection, "id" | "appId">,
): Promise<void> {
  await database.transaction(async (q) => {
    const current = await lockConnection(q, id, undefined);
    if (current.appId !== appId || usersConsented(current) === false) return;
    await setConsent(q, current, { ...timesOf(false), usersConsentBy: "sign_ins" });
    await tell(q, current, false, "browser");
  });
}

const timesOf = (isConsented: boolean) => ({
  usersConsentedAt: isConsented ? sql`now()` : null,
  usersConsentMissingAt: isConsented ? null : sql`now()`,
});

async function setConsent(
  q: Queries,
  { id }: SsoConnection,
  values: PgUpdateSetSource<typeof ssoConnections>,
): Promise<void> {
  await q.update(ssoConnections).set(values).where(eq(ssoConnections.id, id));
}

async function tell(
  q: Queries,
  connection: SsoConnection,
  isConsented: boolean,
  actor: Actor,
): Promise<void> {
  const action = isConsented ? "users_consented" : "users_consent_missing";
  await appendAuditEvent(q, { actor, action, connection });
}

/**
 * Notes that users get through: somebody signed in who did not connect the directory, so was no administrator that we
 * know of. An administrator's own success would say nothing about the others. Repeat: keeps the first time.
 * @returns whether it is known now
 */
export async function recordUsersConsent(
  database: Database,
  connection: Pick<SsoConnection, "id" | "appId" | "projectId" | "orgId">,
  objectId: string,
): Promise<boolean> {
  return database.transaction(async (q) => {
    const approvedBy = q
      .select({ id: auditEvents.id })
      .from(auditEvents)
      .where(
        and(
          eq(auditEvents.orgId, connection.orgId),
          eq(auditEvents.action, "proved"),
          sql`${auditEvents.detail} ->> 'administrator' = ${objectId}`,
        ),
      );
    const noted = await q
      .update(ssoConnections)
      .set({ ...timesOf(true), usersConsentBy: "sign_ins" })
      .where(
        and(
          eq(ssoConnections.id, connection.id),
          eq(ssoConnections.appId, connection.appId),
          isNull(ssoConnections.usersConsentedAt),
          // Of a person who consented for himself grants know better.
          sql`(${ssoConnections.usersConsentMissingAt} is null or ${ssoConnections.usersConsentBy} <> 'grants')`,
          notExists(approvedBy),
        ),
      )
      .returning({ id: ssoConnections.id });
    if (noted.length === 0) {
      const [row] = await q
        .select({ consentedAt: ssoConnections.usersConsentedAt })
        .from(ssoConnections)
        .where(eq(ssoConnections.id, connection.id));
      return row !== undefined && row.consentedAt !== null;
    }
    await appendAuditEvent(q, {
      actor: "browser",
      action: "users_consented",
      connection,
      detail: { user: objectId },
    });
    return true;
  });
}
