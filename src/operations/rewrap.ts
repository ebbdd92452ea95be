import { appendAuditEvent } from "../db/audit-events.ts";
import type { Database } from "../db/client.ts";
import { replaceSealed } from "../db/sealed-columns.ts";
import { keyIdOf, rewrap as rewrapOne } from "../sealing/envelope.ts";
import type { KeyWrapping } from "../sealing/key-wrapping.ts";
import { SealingError } from "../sealing/sealing-error.ts";
import { pagesOf, type SealedItem, type SealedStore, sealedStores } from "./sealed-stores.ts";

/** How far it is. */
export interface RewrapProgress {
  /** Envelopes looked at. */
  readonly seen: number;
  /** Of these, moved to the active key by this call. */
  readonly moved: number;
  /** Changed by somebody else meanwhile; looked at again before the end. */
  readonly raced: number;
  /** Whose key is not at hand, or damaged: `store id`. */
  readonly closed: readonly string[];
}

const passesMax = 5;

/**
 * Wraps every stored envelope under the active master key; bodies stay, so no plaintext appears and sign-ins go on. Goes
 * page by page, each in one statement that replaces only what was read; told after each page. Stopped halfway, the next
 * call goes on: what is moved is skipped. One line in the audit trail.
 */
export async function* rewrap({
  ctx: { database, keyWrapping },
  input: { operator, reason },
}: {
  ctx: { readonly database: Database; readonly keyWrapping: KeyWrapping };
  input: { readonly operator: string; readonly reason: string };
}): AsyncGenerator<RewrapProgress> {
  let moved = 0;
  let last: RewrapProgress = { seen: 0, moved: 0, raced: 0, closed: [] };
  for (let pass = 1; pass <= passesMax; pass += 1) {
    let [seen, raced] = [0, 0];
    const closed: string[] = [];
    for (const store of sealedStores)
      for await (const items of pagesOf(store, database)) {
        const page = await movePage(store, items, database, keyWrapping);
        seen += items.length;
        moved += page.moved;
        raced += page.raced;
        closed.push(...page.closed);
        last = { seen, moved, raced, closed };
        yield last;
      }
    // Who wrote meanwhile may still have had the old key as the active one.
    if (raced === 0) break;
  }
  await database.transaction((q) =>
    appendAuditEvent(q, {
      installation: true,
      actor: `operator:${operator}`,
      action: "rewrapped",
      detail: { reason, key: keyWrapping.activeKeyId, moved, left: last.closed.length },
    }),
  );
}

async function movePage(
  store: SealedStore,
  items: readonly SealedItem[],
  database: Database,
  keyWrapping: KeyWrapping,
): Promise<{ moved: number; raced: number; closed: string[] }> {
  const changes = new Map<SealedItem["column"], { id: string; from: string; to: string }[]>();
  const closed: string[] = [];
  for (const { id, column, sealed } of items)
    try {
      if (keyIdOf(sealed) === keyWrapping.activeKeyId) continue;
      const to = await rewrapOne(keyWrapping, store.purpose, sealed);
      changes.set(column, [...(changes.get(column) ?? []), { id, from: sealed, to }]);
    } catch (error) {
      if (!(error instanceof SealingError) || error.reason === "key_unreachable") throw error;
      closed.push(`${store.name} ${id}`);
    }
  let [moved, wanted] = [0, 0];
  for (const [column, some] of changes) {
    wanted += some.length;
    moved += await replaceSealed(database, column, some);
  }
  return { moved, raced: wanted - moved, closed };
}
