import { rm } from "node:fs/promises";
import { createLogger } from "./log.ts";
import { isPortFree } from "./embedded/free-port.ts";
import { startStack } from "./embedded/stack.ts";
import { untilSignal } from "./signals.ts";

const ports = { app: 3000, simulator: 3001, temporal: 7233, temporalUi: 8233 };
const dataFolder = ".data";

/** `npm start`: the whole product until Ctrl-C. Returns the exit code. */
export async function start(args: readonly string[], print: (line: string) => void): Promise<number> {
  if (args.includes("--fresh")) await rm(dataFolder, { recursive: true, force: true });
  const taken: string[] = [];
  for (const [name, port] of Object.entries(ports))
    if (!(await isPortFree(port))) taken.push(`${port} (${name})`);
  if (taken.length > 0) {
    print(`Port ${taken.join(", ")} is in use by another program. Stop it, then run npm start again.`);
    return 1;
  }
  const stopped = untilSignal();
  const stack = await startStack({
    ports,
    dataFolder,
    log: createLogger("warn"),
    tell: (line) => print(`  ${line}`),
  });
  print(`
  Dashboard      ${stack.appOrigin}/
  Simulator      ${stack.simulatorOrigin}/
  Temporal UI    http://localhost:${ports.temporalUi}/namespaces/default/workflows

  Open the dashboard, be Olivia Owner, and click Connect Microsoft. Ctrl-C stops everything; data stays in ${dataFolder}/.
`);
  await stopped;
  print("  Stopping …");
  await stack.stop();
  return 0;
}
