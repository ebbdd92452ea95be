import type { Database } from "../../db/client.ts";
import { DatabaseError } from "../../db/database-error.ts";
import type { MasterKeyring } from "../../domain/master-keyring.ts";
import { keyIdOf, open } from "../../sealing/envelope.ts";
import type { KeyWrapping } from "../../sealing/key-wrapping.ts";
import { SealingError } from "../../sealing/sealing-error.ts";
import { pagesOf, type SealedStore, sealedStores } from "../sealed-stores.ts";
import { fail, type Finding, pass, skip, warn } from "./check.ts";

interface Tally {
  /** Envelopes by the master key that wraps them. */
  readonly byKey: Map<string, number>;
  readonly closed: { readonly store: string; readonly id: string; readonly reason: string }[];
  readonly unreadable: string[];
}

const namedMax = 3;

/** Every stored secret opens with the keys at hand; says how many each key holds, and which key can go. */
export async function checkSecrets(
  database: Database,
  keyring: Pick<MasterKeyring, "activeId" | "keys">,
  keyWrapping: KeyWrapping,
): Promise<Finding> {
  const tally: Tally = { byKey: new Map(), closed: [], unreadable: [] };
  for (const store of sealedStores) await openAll(store, database, keyWrapping, tally);
  const { byKey, closed, unreadable } = tally;
  if (byKey.size === 0 && unreadable.length > 0)
    return skip(`this role may not read ${unreadable.join(", ")}`);
  const counts =
    [...byKey].map(([id, count]) => `${count} under ${id}`).join(", ") || "nothing is stored yet";
  const blind = unreadable.length > 0 ? `; this role may not read ${unreadable.join(", ")}` : "";
  if (closed.length > 0) {
    const named = closed.slice(0, namedMax).map(({ store, id, reason }) => `${store} ${id} (${reason})`);
    const rest = closed.length > namedMax ? ` and ${closed.length - namedMax} more` : "";
    return fail(`${closed.length} do not open: ${named.join(", ")}${rest}; ${counts}${blind}`, fixOf(closed));
  }
  const old = [...keyring.keys.keys()].filter((id) => id !== keyring.activeId);
  const held = old.filter((id) => byKey.has(id));
  if (held.length > 0)
    return warn(
      `all open: ${counts}${blind}; ${held.join(", ")} cannot go yet`,
      "run ms-provision rewrap --reason …",
    );
  const free = old.length > 0 && blind === "" ? `; ${old.join(", ")} can go` : "";
  return pass(`all open: ${counts}${free}${blind}`);
}

function fixOf(closed: Tally["closed"]): string {
  if (closed.some(({ reason }) => reason === "unknown_key"))
    return "put the key that is missing back into AUTHIO_IMPORT_CREDS_KEY; what was damaged is mended by connecting again";
  return "if it is all of them, AUTHIO_IMPORT_CREDS_KEY has another key under this id: put the right one back; if it is one, its row is damaged: its organization connects again";
}

async function openAll(
  store: SealedStore,
  database: Database,
  keyWrapping: KeyWrapping,
  { byKey, closed, unreadable }: Tally,
): Promise<void> {
  try {
    for await (const items of pagesOf(store, database))
      for (const { id, sealed, context } of items)
        try {
          const keyId = keyIdOf(sealed);
          byKey.set(keyId, (byKey.get(keyId) ?? 0) + 1);
          await open(keyWrapping, store.purpose, context, sealed);
        } catch (error) {
          if (!(error instanceof SealingError)) throw error;
          closed.push({ store: store.name, id, reason: error.reason });
        }
  } catch (error) {
    if (!(error instanceof DatabaseError && error.isRefusal)) throw error;
    unreadable.push(store.name);
  }
}
