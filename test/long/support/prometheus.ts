import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { freePort } from "../../../src/embedded/free-port.ts";
import { eventually } from "../../support/product.ts";

const program = process.env["PROMETHEUS"] ?? "prometheus";

export interface Watched {
  readonly process: "api" | "worker";
  readonly port: number;
}

/** A real Prometheus that asks each process every four seconds, and each rule every second. */
export async function startPrometheus(rules: string, watched: readonly Watched[]) {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
  } catch {
    throw new Error("install Prometheus first (apt-get install prometheus), or name it in PROMETHEUS");
  }
  const folder = mkdtempSync(path.join(os.tmpdir(), "prometheus-"));
  writeFileSync(path.join(folder, "alerts.yml"), rules);
  writeFileSync(
    path.join(folder, "prometheus.yml"),
    `global: { scrape_interval: 4s, scrape_timeout: 4s, evaluation_interval: 1s }
rule_files: [alerts.yml]
scrape_configs:
  - job_name: one-click-microsoft
    static_configs:
${watched.map((one) => `      - { targets: ["127.0.0.1:${one.port}"], labels: { process: ${one.process} } }\n`).join("")}`,
  );
  const port = await freePort();
  const server = spawn(
    program,
    [
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: "ignore" },
  );
  const ask = (place: string): Promise<Response> => fetch(`http://127.0.0.1:${port}${place}`);
  const dataOf = async <T>(place: string): Promise<T> =>
    ((await (await ask(`/api/v1/${place}`)).json()) as { data: T }).data;
  const stop = async (): Promise<void> => {
    server.kill("SIGTERM");
    if (server.exitCode === null) await once(server, "exit");
    rmSync(folder, { recursive: true });
  };
  try {
    await eventually(async () => (await ask("/-/ready").catch(() => undefined))?.ok === true, 30_000);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    stop,
    async firing(): Promise<string[]> {
      const { alerts } = await dataOf<{
        alerts: { labels: { alertname: string }; state: string }[];
      }>("alerts");
      return alerts.filter(({ state }) => state === "firing").map(({ labels }) => labels.alertname);
    },
    /** How many series a query gives now. */
    async countOf(query: string): Promise<number> {
      const { result } = await dataOf<{ result: unknown[] }>(`query?query=${encodeURIComponent(query)}`);
      return result.length;
    },
  };
}
