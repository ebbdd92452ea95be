import { and, desc, eq, inArray, type SQL, sql } from "drizzle-orm";
import type { OrgId, ProjectId, ProvisionRequestId, SetupLinkId } from "../../domain/ids.ts";
import { type ProvisionRequest, unprovedStatuses } from "../../domain/provision-request.ts";
import type { SetupLink } from "../../domain/setup-link.ts";
import type { Database } from "../client.ts";
import type { Queries } from "../queries.ts";
import { toRequest, toSetupLink } from "../rows.ts";
import { provisionRequests, setupLinks } from "../schema.ts";

/** A link with the click that is open through it, if any. */
export interface LinkAndClick {
  readonly link: SetupLink;
  readonly click: ProvisionRequest | undefined;
}

const openClick = and(
  eq(provisionRequests.setupLinkId, setupLinks.id),
  inArray(provisionRequests.status, [...unprovedStatuses]),
  sql`${provisionRequests.expiresAt} > now()`,
);

async function select(database: Database, which: SQL | undefined, limit: number): Promise<LinkAndClick[]> {
  const rows = await database.run((q) =>
    q
      .select({ link: setupLinks, click: provisionRequests })
      .from(setupLinks)
      .leftJoin(provisionRequests, openClick)
      .where(which)
      .orderBy(desc(setupLinks.createdAt), desc(setupLinks.id))
      .limit(limit),
  );
  return rows.map(({ link, click }) => ({
    link: toSetupLink(link),
    click: click === null ? undefined : toRequest(click),
  }));
}

export async function findSetupLink(database: Database, id: SetupLinkId): Promise<LinkAndClick | undefined> {
  return (await select(database, eq(setupLinks.id, id), 1))[0];
}

export async function findSetupLinkByToken(
  database: Database,
  tokenHash: string,
): Promise<LinkAndClick | undefined> {
  return (await select(database, eq(setupLinks.tokenHash, tokenHash), 1))[0];
}

/** An organization's, newest first, from behind one of them. Undefined where it has none of that id. */
export async function listSetupLinks(
  database: Database,
  { projectId, orgId }: { readonly projectId: ProjectId; readonly orgId: OrgId },
  page: { readonly after: SetupLinkId | undefined; readonly limit: number },
): Promise<LinkAndClick[] | undefined> {
  const { after } = page;
  const isOwn = and(eq(setupLinks.orgId, orgId), eq(setupLinks.projectId, projectId));
  if (after !== undefined && (await select(database, and(isOwn, eq(setupLinks.id, after)), 1)).length === 0)
    return undefined;
  const isBehind =
    after === undefined
      ? undefined
      : sql`(${setupLinks.createdAt}, ${setupLinks.id}) < (
          select last.created_at, last.id from setup_links as last where last.id = ${after})`;
  return select(database, and(isOwn, isBehind), page.limit);
}

/** A click through a link, with that link. Undefined where the click came another way. */
export async function findClickOfLink(
  database: Database,
  id: ProvisionRequestId,
): Promise<{ readonly link: SetupLink; readonly click: ProvisionRequest } | undefined> {
  const [row] = await database.run((q) =>
    q
      .select({ link: setupLinks, click: provisionRequests })
      .from(provisionRequests)
      .innerJoin(setupLinks, eq(setupLinks.id, provisionRequests.setupLinkId))
      .where(eq(provisionRequests.id, id)),
  );
  return row && { link: toSetupLink(row.link), click: toRequest(row.click) };
}

/**
 * Within a transaction, locked until its end. Whoever holds a link may take its clicks; never the other way round.
 */
export async function lockLink(q: Queries, id: SetupLinkId): Promise<SetupLink | undefined> {
  const [row] = await q.select().from(setupLinks).where(eq(setupLinks.id, id)).for("update");
  return row && toSetupLink(row);
}

/** The click that is open through a link, expired or not, locked. */
export async function lockOpenClick(q: Queries, id: SetupLinkId): Promise<ProvisionRequest | undefined> {
  const [row] = await q
    .select()
    .from(provisionRequests)
    .where(
      and(eq(provisionRequests.setupLinkId, id), inArray(provisionRequests.status, [...unprovedStatuses])),
    )
    .for("update");
  return row && toRequest(row);
}
