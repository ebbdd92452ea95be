import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import { createLogger } from "../processes/log.ts";
import { startBoard } from "../embedded/board.ts";
import { DataFolderError } from "../embedded/data-folder-error.ts";
import { type Stack, startStack } from "../embedded/stack.ts";
import { forgetTemporalProfiles } from "../embedded/stack-environment.ts";
import type { DataPlaces } from "../embedded/preflight/data-places.ts";
import { lockName } from "../embedded/preflight/folder-lock.ts";
import { checkStart } from "../embedded/preflight/preflight.ts";
import { wordsOfError } from "./words-of-error.ts";

/** `npm start`: the whole product until a signal, which may come at any moment. Returns the exit code. */
export async function start(
  args: readonly string[],
  print: (line: string) => void,
  interrupted: AbortSignal,
): Promise<number> {
  const checked = await checkStart({ args, environment: process.env, tell: print });
  if (checked.kind === "stop") {
    print(checked.line);
    return checked.exitCode;
  }
  const { ports, places, isFresh, outside } = checked.plan;
  if (isFresh) await forget(places);
  if (outside.temporalAddress === undefined) forgetTemporalProfiles();
  const board = startBoard(process.stdout);
  const onInterrupt = (): void => {
    board.close();
    print("  Stopping …");
  };
  if (interrupted.aborted) onInterrupt();
  else interrupted.addEventListener("abort", onInterrupt, { once: true });
  let stack: Stack;
  try {
    stack = await startStack({
      ports,
      dataFolder: places.folder,
      outside,
      // What Microsoft does in a directory where users may consent.
      realism: { consentPrompts: true },
      signal: interrupted,
      log: createLogger("warn"),
      tell: board.tell,
    });
  } catch (error) {
    if (interrupted.aborted) print("  Stopped.");
    else {
      board.close();
      print(`\n${wordsOfError(error)}`);
      print(adviceOn(error, places));
    }
    return interrupted.aborted ? 0 : 1;
  }
  if (!interrupted.aborted) {
    board.close();
    print(`
  Dashboard     ${stack.appOrigin}/
  Sample app    ${stack.sampleOrigin}/
  Simulator     ${stack.simulatorOrigin}/${
    outside.temporalAddress === undefined
      ? `\n  Temporal UI   http://localhost:${ports.temporalUi}/namespaces/default/workflows`
      : ""
  }

  Try: open the dashboard, be Olivia Owner, click Connect Microsoft, accept as Ada Admin, then sign in to the sample application.
  To see it slow or failing, choose a behaviour on the simulator's page and connect again.

  Ctrl-C stops everything. Data stay in ${foldersOf(places).join(" and ")}; npm start -- --fresh forgets them.
`);
    await new Promise((resolve) => interrupted.addEventListener("abort", resolve, { once: true }));
  }
  await stack.stop();
  print("  Stopped.");
  return 0;
}

/** Data that can be saved are never advised away. */
function adviceOn(error: unknown, places: DataPlaces): string {
  const folders = foldersOf(places).join(" and ");
  return error instanceof DataFolderError && error.isBroken
    ? `Keep a copy of ${folders} if you need what is there; npm start -- --fresh forgets it and begins anew.`
    : `Nothing is lost: the data in ${folders} stay for the next start.`;
}

/** Where the data really are, as a person finds them. */
function foldersOf({ folder, postgres }: DataPlaces): string[] {
  const shown = `${path.relative(process.cwd(), folder) || folder}/`;
  return postgres.startsWith(folder + path.sep) ? [shown] : [shown, `${postgres}/`];
}

/** All but the claim to the folder. */
async function forget({ folder, postgres }: DataPlaces): Promise<void> {
  const kept = (await readdir(folder)).filter((name) => name !== lockName);
  await Promise.all(
    [...kept.map((name) => path.join(folder, name)), postgres].map((place) =>
      rm(place, { recursive: true, force: true }),
    ),
  );
}
