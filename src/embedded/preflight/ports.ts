import { connect, createServer } from "node:net";
import { describePortHolder } from "./port-holder.ts";

export interface Ports {
  readonly app: number;
  readonly simulator: number;
  readonly temporal: number;
  readonly temporalUi: number;
  readonly sample: number;
}

interface PortFacts {
  readonly name: string;
  readonly variable: string;
  readonly usual: number;
}
const facts: Readonly<Record<keyof Ports, PortFacts>> = {
  app: { name: "dashboard and API", variable: "PORT", usual: 3000 },
  simulator: { name: "simulator", variable: "SIMULATOR_PORT", usual: 3001 },
  temporal: { name: "Temporal", variable: "TEMPORAL_PORT", usual: 7233 },
  temporalUi: { name: "Temporal UI", variable: "TEMPORAL_UI_PORT", usual: 8233 },
  sample: { name: "sample application", variable: "SAMPLE_PORT", usual: 3002 },
};
const kinds = ["app", "simulator", "temporal", "temporalUi", "sample"] as const;

/** Reads the ports' variables. A string says what is wrong. */
export function readPorts(environment: Readonly<Record<string, string | undefined>>): Ports | string {
  const texts = kinds.map((kind) => environment[facts[kind].variable]?.trim() || String(facts[kind].usual));
  const bad = texts.findIndex((text) => !/^\d{1,5}$/.test(text) || Number(text) < 1 || Number(text) > 65_535);
  if (bad >= 0) return `${facts[kinds[bad] ?? "app"].variable} must be a number from 1 to 65535.`;
  const numbers = texts.map(Number);
  const second = numbers.findIndex((port, at) => numbers.indexOf(port) !== at);
  if (second >= 0) {
    const [one, other] = [kinds[numbers.indexOf(numbers[second] ?? 0)], kinds[second]].map(
      (kind) => facts[kind ?? "app"],
    );
    return `Port ${numbers[second]} is wanted for ${one?.name} and for ${other?.name}: set ${one?.variable} or ${other?.variable} to another.`;
  }
  const [app = 0, simulator = 0, temporal = 0, temporalUi = 0, sample = 0] = numbers;
  return { app, simulator, temporal, temporalUi, sample };
}

/** One line on the ports that cannot be had and who has them; undefined when all can. */
export async function describeTakenPorts(ports: Partial<Ports>): Promise<string | undefined> {
  const wanted = kinds.flatMap((kind) =>
    ports[kind] === undefined ? [] : [{ ...facts[kind], port: ports[kind] }],
  );
  const states = await Promise.all(wanted.map(({ port }) => stateOfPort(port)));
  const forbidden = wanted.filter((_, at) => states[at] === "forbidden");
  const taken = wanted.filter((_, at) => states[at] === "taken");
  const inTheWay = [...forbidden, ...taken];
  if (inTheWay.length === 0) return undefined;
  const parts = await Promise.all(
    taken.map(
      async ({ port, name }) => `port ${port} (${name}) is in use by ${await describePortHolder(port)}`,
    ),
  );
  const problems = [
    ...forbidden.map(({ port, name }) => `port ${port} (${name}) needs the rights of root`),
    ...parts,
  ].join(", ");
  const ways = [
    ...(taken.length === 0 ? [] : [`Stop ${taken.length === 1 ? "it" : "them"}`]),
    `choose ${inTheWay.length === 1 ? "another" : "others"}: ${inTheWay.map(({ variable, port }) => `${variable}=${freeLooking(port)}`).join(" ")} npm start`,
    ...(taken.some(({ variable }) => variable === facts.temporal.variable)
      ? [
          `use a Temporal for development that runs already: TEMPORAL_ADDRESS=127.0.0.1:${ports.temporal} npm start`,
        ]
      : []),
  ];
  return `${problems.replace(/^p/, "P")}. ${ways.join(", or ").replace(/^c/, "C")}`;
}

/** A suggestion, no promise. */
const freeLooking = (port: number): number =>
  port < 1024 ? port + 8000 : port + 100 > 65_535 ? port - 100 : port + 100;

const connectMs = 500;

/** Looks at both loopback addresses: browsers take `localhost` for either. */
async function stateOfPort(port: number): Promise<"free" | "taken" | "forbidden"> {
  for (const host of ["127.0.0.1", "::1"]) {
    const code = await tryToListen(port, host);
    if (code === "EADDRINUSE") return "taken";
    if (code === "EACCES") return "forbidden";
    // Elsewhere than on Linux one may listen on an address beside somebody who listens on all.
    if (code === undefined && process.platform !== "linux" && (await isAnswering(port, host))) return "taken";
  }
  return "free";
}

/** The system's code when it is refused; a machine without IPv6 refuses too. */
function tryToListen(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

function isAnswering(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host, timeout: connectMs });
    const end = (answers: boolean): void => {
      socket.destroy();
      resolve(answers);
    };
    socket.once("connect", () => end(true));
    socket.once("timeout", () => end(false));
    socket.once("error", () => end(false));
  });
}
