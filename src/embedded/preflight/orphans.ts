import path from "node:path";
import type { DataPlaces } from "./data-places.ts";
import { endProcess, listProcesses } from "./processes.ts";

interface Server {
  readonly name: string;
  /** What its command line holds. The paths are our own data, so no other program can be meant. */
  readonly marks: readonly string[];
  readonly signal: "SIGINT" | "SIGTERM";
}

const serversOf = (places: DataPlaces): readonly Server[] => [
  {
    name: "Temporal",
    marks: [" server start-dev ", ` --db-filename ${places.temporalFile} `],
    signal: "SIGTERM",
  },
  {
    name: "PostgreSQL",
    marks: [`postgres -D ${path.join(places.postgres, "data")} `],
    signal: "SIGINT",
  },
];

/**
 * Ends the servers that work with this folder's data although their launcher is gone. Only for whoever holds the
 * folder: its own servers look the same.
 */
export async function endOrphans(places: DataPlaces, tell: (line: string) => void): Promise<void> {
  const running = await listProcesses();
  await Promise.all(
    serversOf(places).flatMap(({ name, marks, signal }) =>
      running
        .filter(({ command }) => marks.every((mark) => `${command} `.includes(mark)))
        .map(async ({ pid }) => {
          tell(`Ending ${name} (process ${pid}), which an earlier start has left running`);
          await endProcess(pid, signal);
        }),
    ),
  );
}
