import { afterAll, beforeAll } from "vitest";
import { freePort } from "../../../src/embedded/free-port.ts";
import { type Product, startProduct } from "../../support/product.ts";
import { startTcpProxy, type TcpProxy } from "../../support/tcp-proxy.ts";
import { type Process, startProcess } from "./processes.ts";
import { watchPostgres } from "./watched-postgres.ts";

/** A moment at which the API process is killed. */
export interface ApiKill {
  readonly name: string;
  readonly at:
    | {
        readonly matches: RegExp;
        /** The piece after the matching one. */
        readonly next?: true;
      }
    | { readonly tokenCall: "before" | "applied" }
    | { readonly temporal: true };
  readonly moment?: "before" | "applied, answer lost";
}

export interface ApiLane {
  readonly product: Product;
  readonly origin: string;
  readonly startApi: () => Promise<Process>;
  /** Arms the moment; resolves when the process is dead. */
  readonly killAt: (moment: ApiKill, api: Process) => Promise<void>;
  readonly disarm: () => void;
}

/** Declares a lane in which one API process after the other is killed, beside a worker that lives; gives it once it is there. */
export function declareApiLane(): () => ApiLane {
  let lane: ApiLane & { close(): Promise<void> };
  beforeAll(async () => {
    lane = await startLane();
  });
  afterAll(() => lane.close());
  return () => lane;
}

async function startLane(): Promise<ApiLane & { close(): Promise<void> }> {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const started = await startProduct({
    AUTHIO_SSO_ORIGIN: origin,
    AUTHIO_MANAGEMENT_ORIGIN: origin,
    AUTHIO_DASHBOARD_URL: `${origin}/`,
  });
  // What is written as the API would write it is this origin's.
  const product: Product = { ...started, origin };
  await product.startWorker();
  const { proxy: postgres, url } = await watchPostgres(product.environment["DATABASE_URL"]);
  const [host = "", temporalPort] = (product.environment["TEMPORAL_ADDRESS"] ?? "").split(":");
  const temporal = await startTcpProxy({ host, port: Number(temporalPort) });
  const environment = {
    ...product.environment,
    PORT: String(port),
    DATABASE_URL: url,
    TEMPORAL_ADDRESS: `127.0.0.1:${temporal.port}`,
  };
  return {
    product,
    origin,
    startApi: () => startProcess("api", environment, product.lines),
    killAt: (moment, api) => killAt({ product, postgres, temporal }, moment, api),
    disarm: () => {
      product.simulator.world.hook = undefined;
      for (const proxy of [postgres, temporal]) {
        proxy.watch = () => "pass";
        proxy.thaw();
      }
    },
    async close() {
      await postgres.close();
      await temporal.close();
      await product.stop();
    },
  };
}

function killAt(
  { product, postgres, temporal }: { product: Product; postgres: TcpProxy; temporal: TcpProxy },
  { at, moment }: ApiKill,
  api: Process,
): Promise<void> {
  return new Promise((resolve) => {
    let isDone = false;
    const kill = (): void => {
      isDone = true;
      postgres.watch = () => "hold";
      void api.kill("SIGKILL").then(() => resolve());
    };
    let isNext = false;
    if ("matches" in at)
      postgres.watch = (text) => {
        if (isDone || (!isNext && !at.matches.test(text))) return "pass";
        if (at.next && !isNext) {
          isNext = true;
          return "pass";
        }
        isDone = true;
        if (moment === "before") kill();
        else setTimeout(kill, 60);
        return moment === "before" ? "hold" : "forward and hold";
      };
    else if ("temporal" in at)
      temporal.watch = () => {
        if (!isDone) kill();
        return "hold";
      };
    else
      product.simulator.world.hook = async (call, phase) => {
        if (isDone || call !== "token" || phase !== at.tokenCall) return "go on";
        kill();
        return "cut";
      };
  });
}

/** Repeats a request until the service is back, as a person does. */
export async function insistently(request: () => Promise<Response>): Promise<Response> {
  for (let tries = 0; ; tries += 1) {
    const answer = await request().catch(() => undefined);
    if (answer && answer.status < 500) return answer;
    if (tries > 100) throw new Error("the service did not come back");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
