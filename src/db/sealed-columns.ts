import { and, asc, gt, isNotNull, sql } from "drizzle-orm";
import type { SsoConnection } from "../domain/sso-connection.ts";
import type { Database } from "./client.ts";
import { toConnection } from "./rows.ts";
import { signingKeys, ssoConnections, webhookEndpoints } from "./schema.ts";

/** A place in a table that is walked in the order of its ids; undefined is its beginning. */
export interface Place {
  readonly after: string | undefined;
  readonly limit: number;
}

/** Connections that hold a secret, whatever their status. */
export async function pageSealedConnections(
  database: Database,
  { after, limit }: Place,
): Promise<SsoConnection[]> {
  const { id, sealedSecret } = ssoConnections;
  const rows = await database.run((q) =>
    q
      .select()
      .from(ssoConnections)
      .where(and(isNotNull(sealedSecret), after === undefined ? undefined : gt(id, after)))
      .orderBy(asc(id))
      .limit(limit),
  );
  return rows.map(toConnection);
}

/** Signing keys that still have their private half. */
export async function pageSealedKeys(
  database: Database,
  { after, limit }: Place,
): Promise<{ kid: string; algorithm: string; sealedPrivate: string }[]> {
  const { kid, algorithm, sealedPrivate } = signingKeys;
  const rows = await database.run((q) =>
    q
      .select({ kid, algorithm, sealedPrivate })
      .from(signingKeys)
      .where(and(isNotNull(sealedPrivate), after === undefined ? undefined : gt(kid, after)))
      .orderBy(asc(kid))
      .limit(limit),
  );
  return rows.map((row) => ({ ...row, sealedPrivate: row.sealedPrivate ?? "" }));
}

/** Webhook endpoints, with the secret that is being replaced where there is one. */
export async function pageSealedEndpoints(
  database: Database,
  { after, limit }: Place,
): Promise<{ id: string; url: string; sealedSecret: string; sealedPrevious: string | null }[]> {
  const { id, url, sealedSecret, sealedPrevious } = webhookEndpoints;
  return database.run((q) =>
    q
      .select({ id, url, sealedSecret, sealedPrevious })
      .from(webhookEndpoints)
      .where(after === undefined ? undefined : gt(id, after))
      .orderBy(asc(id))
      .limit(limit),
  );
}

/** Where envelopes stand. */
const columns = {
  connectionSecret: { table: ssoConnections, key: sql.raw("id"), column: sql.raw("sealed_secret") },
  signingKey: { table: signingKeys, key: sql.raw("kid"), column: sql.raw("sealed_private") },
  webhookSecret: { table: webhookEndpoints, key: sql.raw("id"), column: sql.raw("sealed_secret") },
  previousWebhookSecret: { table: webhookEndpoints, key: sql.raw("id"), column: sql.raw("sealed_previous") },
} as const;
export type SealedColumn = keyof typeof columns;

/**
 * Puts another envelope of the same secret in the place of each, in one statement; a row that holds something else by
 * now is left alone.
 * @returns how many were replaced
 */
export async function replaceSealed(
  database: Database,
  where: SealedColumn,
  changes: readonly { readonly id: string; readonly from: string; readonly to: string }[],
): Promise<number> {
  if (changes.length === 0) return 0;
  const { table, key, column } = columns[where];
  const rows = await database.run((q) =>
    q.execute(sql`
      update ${table} as kept set ${column} = change."to"
      from json_to_recordset(${JSON.stringify(changes)}::text::json) as change(id text, "from" text, "to" text)
      where kept.${key} = change.id and kept.${column} = change."from"
      returning 1`),
  );
  return rows.length;
}
