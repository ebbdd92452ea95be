import type { Database } from "../db/client.ts";
import {
  pageSealedConnections,
  pageSealedEndpoints,
  pageSealedKeys,
  type Place,
  type SealedColumn,
} from "../db/sealed-columns.ts";
import { signingKeyContext, storageContext, webhookSecretContext } from "../sealing/contexts.ts";
import type { SealingContext } from "../sealing/envelope.ts";
import type { EnvelopePurpose } from "../sealing/key-wrapping.ts";

/** One stored envelope, with what it is bound to. */
export interface SealedItem {
  readonly id: string;
  readonly column: SealedColumn;
  readonly sealed: string;
  readonly context: SealingContext;
}

/** A table of envelopes. */
export interface SealedStore {
  readonly name: string;
  readonly purpose: EnvelopePurpose;
  /** The envelopes of a page of rows, in the order of the rows' ids. */
  page(database: Database, place: Place): Promise<{ items: SealedItem[]; last: string | undefined }>;
}

/** Everything that is sealed at rest: what `doctor` opens and `rewrap` moves. A new kind of secret gets a row here. */
export const sealedStores: readonly SealedStore[] = [
  {
    name: "connection secrets",
    purpose: "sso-secret",
    async page(database, place) {
      const rows = await pageSealedConnections(database, place);
      const items = rows.map((one) => ({
        id: one.id,
        column: "connectionSecret" as const,
        sealed: one.sealedSecret ?? "",
        context: storageContext({ ...one, connectionId: one.id }),
      }));
      return { items, last: rows.at(-1)?.id };
    },
  },
  {
    name: "signing keys",
    purpose: "signing-key",
    async page(database, place) {
      const rows = await pageSealedKeys(database, place);
      const items = rows.map((one) => ({
        id: one.kid,
        column: "signingKey" as const,
        sealed: one.sealedPrivate,
        context: signingKeyContext(one),
      }));
      return { items, last: rows.at(-1)?.kid };
    },
  },
  {
    name: "webhook secrets",
    purpose: "webhook-secret",
    async page(database, place) {
      const rows = await pageSealedEndpoints(database, place);
      const items = rows.flatMap(({ id, url, sealedSecret, sealedPrevious }) => {
        const context = webhookSecretContext({ id, url });
        return [
          { id, column: "webhookSecret" as const, sealed: sealedSecret, context },
          ...(sealedPrevious === null
            ? []
            : [{ id, column: "previousWebhookSecret" as const, sealed: sealedPrevious, context }]),
        ];
      });
      return { items, last: rows.at(-1)?.id };
    },
  },
];

const pageMax = 500;

/** Every envelope of a store, a page at a time. */
export async function* pagesOf(
  store: SealedStore,
  database: Database,
): AsyncGenerator<readonly SealedItem[]> {
  for (let after: string | undefined; ;) {
    const { items, last } = await store.page(database, { after, limit: pageMax });
    if (last === undefined) return;
    yield items;
    after = last;
  }
}
