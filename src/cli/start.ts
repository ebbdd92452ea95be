import { rm } from "node:fs/promises";
import { createLogger } from "./log.ts";
import { startBoard } from "./embedded/board.ts";
import { isPortFree } from "./embedded/free-port.ts";
import { type Stack, startStack } from "./embedded/stack.ts";
import { untilSignal } from "./signals.ts";

const ports = { app: 3000, simulator: 3001, temporal: 7233, temporalUi: 8233 };
const portNames: Readonly<Record<keyof typeof ports, string>> = {
  app: "dashboard and API",
  simulator: "simulator",
  temporal: "Temporal",
  temporalUi: "Temporal UI",
};
const dataFolder = ".data";

/** `npm start`: the whole product until Ctrl-C. Returns the exit code. */
export async function start(args: readonly string[], print: (line: string) => void): Promise<number> {
  const unknown = args.find((arg) => arg !== "--fresh");
  if (unknown !== undefined) {
    print(`npm start does not know ${unknown}. It knows: npm start -- --fresh (forgets all data first)`);
    return 2;
  }
  const taken = await takenPorts();
  if (taken.length > 0) {
    print(`In use by another program: port ${taken.join(", port ")}. Stop it, then run npm start again.`);
    return 1;
  }
  if (args.includes("--fresh")) await rm(dataFolder, { recursive: true, force: true });
  const stopped = untilSignal();
  const board = startBoard(process.stdout);
  let stack: Stack;
  try {
    stack = await startStack({
      ports,
      dataFolder,
      // What Microsoft does in a directory where users may consent.
      realism: { consentPrompts: true },
      log: createLogger("warn"),
      tell: board.tell,
    });
  } catch (error) {
    board.close();
    print(`\n${(error as Error).message}`);
    print(`If the data of an earlier start is broken: npm start -- --fresh forgets ${dataFolder}/ first.`);
    return 1;
  }
  board.close();
  print(`
  Dashboard     ${stack.appOrigin}/
  Simulator     ${stack.simulatorOrigin}/
  Temporal UI   http://localhost:${ports.temporalUi}/namespaces/default/workflows

  Try: open the dashboard, be Olivia Owner, click Connect Microsoft, accept as Ada Admin, then sign in.
  To see it slow or failing, choose a behaviour on the simulator's page and connect again.

  Ctrl-C stops everything. Data stays in ${dataFolder}/; npm start -- --fresh forgets it.
`);
  await stopped;
  print("  Stopping …");
  await stack.stop();
  print("  Stopped.");
  return 0;
}

async function takenPorts(): Promise<string[]> {
  const taken: string[] = [];
  for (const [name, port] of Object.entries(ports))
    if (!(await isPortFree(port))) taken.push(`${port} (${portNames[name as keyof typeof ports]})`);
  return taken;
}
