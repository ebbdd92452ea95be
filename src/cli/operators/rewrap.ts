import { loadApiConfig, loadWorkerConfig } from "../../config/load-config.ts";
import type { MasterKeyring } from "../../domain/master-keyring.ts";
import { rewrap as rewrapAll, type RewrapProgress } from "../../operations/rewrap.ts";
import { environmentKeyWrapping } from "../../sealing/environment-key-wrapping.ts";
import type { OperatorOptions, Shell } from "./options.ts";
import { requireOperator, withTools } from "./tools.ts";
import { monotonicMs } from "../../domain/monotonic-ms.ts";

const tellEveryMs = 2000;
const namedMax = 20;

/** `rewrap --reason TEXT`: every stored secret under the active master key. Exit code 1 where some could not be moved. */
export async function rewrap(
  _ids: readonly string[],
  options: OperatorOptions,
  shell: Shell,
): Promise<number> {
  const { name, reason } = requireOperator(shell, options.reason);
  const keyring = keyringOf(shell.environment);
  const ctx = { keyWrapping: environmentKeyWrapping(keyring) };
  return withTools(shell, async ({ database }) => {
    let last: RewrapProgress = { seen: 0, moved: 0, raced: 0, closed: [] };
    let toldMs = monotonicMs();
    for await (last of rewrapAll({ ctx: { ...ctx, database }, input: { operator: name, reason } })) {
      if (options.json || monotonicMs() - toldMs < tellEveryMs) continue;
      toldMs = monotonicMs();
      shell.print(`${last.seen} looked at, ${last.moved} moved …`);
    }
    const { seen, moved, closed } = last;
    if (options.json) shell.print(JSON.stringify({ key: keyring.activeId, seen, moved, closed }));
    else {
      shell.print(`${seen} looked at, ${moved} moved to the key ${keyring.activeId}.`);
      for (const one of closed.slice(0, namedMax)) shell.print(`could not be opened: ${one}`);
      shell.print(
        closed.length === 0
          ? "Every stored secret is under it. Sign-in flows and minted secrets under way may need the old key for a day; doctor says when it can go."
          : `${closed.length} could not be opened; doctor says why.`,
      );
    }
    return closed.length === 0 ? 0 : 1;
  });
}

/** From the API's variables or a worker's, whichever are here. */
function keyringOf(environment: Shell["environment"]): MasterKeyring {
  const worker = loadWorkerConfig(environment);
  const keyring =
    worker.provisioning.kind === "configured"
      ? worker.provisioning.keyring
      : loadApiConfig(environment).keyring;
  if (!keyring) throw new TypeError("AUTHIO_IMPORT_CREDS_KEY is not set");
  return keyring;
}
