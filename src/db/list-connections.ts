import { and, eq, exists, gt, inArray, ne, sql } from "drizzle-orm";
import type { ConnectionId, EntraTenantId, OrgId } from "../domain/ids.ts";
import { type ConnectionStatus, liveStatuses, type SsoConnection } from "../domain/sso-connection.ts";
import type { Database } from "./client.ts";
import type { Queries } from "./queries.ts";
import { toConnection } from "./rows.ts";
import { connectionHealth, ssoConnections } from "./schema.ts";

/** Which connections an operator asks for; nothing given: all. */
export interface ConnectionFilter {
  readonly orgId?: OrgId | undefined;
  readonly tenantId?: EntraTenantId | undefined;
  readonly status?: ConnectionStatus | undefined;
  /** Live ones that need attention only. */
  readonly needsAttention?: boolean | undefined;
}

/** Connections of every organization in the order of their ids, from behind one of them. */
export async function listAllConnections(
  database: Database,
  filter: ConnectionFilter,
  page: { readonly limit: number; readonly after?: ConnectionId | undefined },
): Promise<SsoConnection[]> {
  const { id, orgId, entraTenantId, status } = ssoConnections;
  const fits = [
    filter.orgId && eq(orgId, filter.orgId),
    filter.tenantId && eq(entraTenantId, filter.tenantId),
    filter.status && eq(status, filter.status),
    page.after && gt(id, page.after),
  ];
  const rows = await database.run((q) =>
    q
      .select()
      .from(ssoConnections)
      .where(and(...fits, filter.needsAttention ? hasReasons(q) : undefined))
      .orderBy(id)
      .limit(page.limit),
  );
  return rows.map(toConnection);
}

function hasReasons(q: Queries) {
  const { connectionId, reasons } = connectionHealth;
  const found = q
    .select({ one: sql`1` })
    .from(connectionHealth)
    .where(and(eq(connectionId, ssoConnections.id), ne(reasons, [])));
  return and(inArray(ssoConnections.status, [...liveStatuses]), exists(found));
}
