import { type DataPlaces, dataPlaces } from "./data-places.ts";
import { takeFolder } from "./folder-lock.ts";
import { endOrphans } from "./orphans.ts";
import { type OutsideServers, readOutsideServers } from "./outside-servers.ts";
import { describeTakenPorts, type Ports, readPorts } from "./ports.ts";

// Compiled by itself and run before the product is compiled (scripts/start.mjs): nothing here imports a package.

export interface StartPlan {
  readonly ports: Ports;
  readonly places: DataPlaces;
  /** Forget all data first. */
  readonly isFresh: boolean;
  readonly outside: OutsideServers;
}

export type Checked<Plan> =
  | { readonly kind: "go"; readonly plan: Plan }
  /** `line` is all that a person needs to read. */
  | { readonly kind: "stop"; readonly exitCode: number; readonly line: string };

interface Given {
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly tell: (line: string) => void;
  /** `.data` by default. */
  readonly folder?: string;
}
const stop = (exitCode: number, line: string) => ({ kind: "stop", exitCode, line }) as const;

/**
 * Everything that `npm start` can know before it takes time: arguments, environment, another start in this folder, what
 * an earlier one left running (which is ended), ports. Takes the data folder. Repeat by the same process: the same.
 */
export async function checkStart({
  args,
  environment,
  tell,
  folder = ".data",
}: Given): Promise<Checked<StartPlan>> {
  const unknown = args.find((arg) => arg !== "--fresh");
  if (unknown !== undefined)
    return stop(
      2,
      `npm start does not know ${unknown}. It knows: npm start -- --fresh (forgets all data first)`,
    );
  const outside = readOutsideServers(environment);
  if (typeof outside === "string") return stop(1, outside);
  const ports = readPorts(environment);
  if (typeof ports === "string") return stop(1, ports);
  const places = dataPlaces(folder);
  try {
    const holder = await takeFolder(places.folder, `http://localhost:${ports.app}/`);
    if (holder) return stop(1, `npm start runs in this folder already: process ${holder.pid}, ${holder.url}`);
  } catch (error) {
    return stop(1, `${places.folder} cannot be used (${(error as NodeJS.ErrnoException).code}).`);
  }
  await endOrphans(places, tell);
  const { temporal: _temporal, temporalUi: _ui, ...withoutTemporal } = ports;
  const taken = await describeTakenPorts(outside.temporalAddress === undefined ? ports : withoutTemporal);
  if (taken !== undefined) return stop(1, taken);
  return { kind: "go", plan: { ports, places, isFresh: args.includes("--fresh"), outside } };
}

/** The same for `npm run demo`, which keeps no data and takes free ports. */
export function checkDemo({ args, environment }: Given): Checked<OutsideServers> {
  if (args[0] !== undefined) return stop(2, `npm run demo does not know ${args[0]}. It takes no arguments.`);
  const outside = readOutsideServers(environment);
  return typeof outside === "string" ? stop(1, outside) : { kind: "go", plan: outside };
}
