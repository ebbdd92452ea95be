import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import path from "node:path";

const version = "4.32.5";

/** A run goes through the operations one after another: it does as many calls as this in each phase, and a few more. */
const examplesAnOperation = 100;

/** Its program: SCHEMATHESIS if set, else installed from PyPI into `folder`. */
export function installSchemathesis(folder: string): string {
  const installed = process.env["SCHEMATHESIS"];
  if (installed) return installed;
  const environment = path.join(folder, "venv");
  execFileSync("python3", ["-m", "venv", environment], { stdio: "inherit" });
  execFileSync(
    path.join(environment, "bin/pip"),
    ["install", "--quiet", "--disable-pip-version-check", `schemathesis==${version}`],
    { stdio: "inherit" },
  );
  return path.join(environment, "bin/schemathesis");
}

export interface Callers {
  readonly session: string;
  readonly operator: string;
  readonly client: { readonly id: string; readonly secret: string };
  readonly accessToken: string;
}

export interface Run {
  readonly command: string;
  /** Where it works and keeps its settings. */
  readonly folder: string;
  readonly origin: string;
  readonly seed: number;
  readonly callers: Callers;
  readonly known: Known;
}

/** Ids of what is really there; others are made up. */
export interface Known {
  readonly orgId: string;
  /** By what `{id}` stands behind, such as `sso-connections`. */
  readonly ids: Readonly<Record<string, string>>;
}

/**
 * Calls every operation of the API reference, rightly and wrongly, as its callers would. Held are: no 5xx but 503, no
 * status, media type, header or body that the operation does not describe, wrong input refused, no way past the callers.
 * @returns its exit code, 0 where nothing was found, and all that it printed
 */
export async function runSchemathesis(run: Run): Promise<{ code: number | null; told: string }> {
  const settings = path.join(run.folder, `seed-${run.seed}.toml`);
  writeFileSync(settings, settingsOf(run));
  const flags = [
    // What the reference allows may still be refused: an address outside the allow-list, an id that is not there.
    "--exclude-checks=positive_data_acceptance",
    "--phases=examples,coverage,fuzzing",
    `--max-examples=${examplesAnOperation}`,
    `--seed=${run.seed}`,
    "--generation-database=none",
    // Two workers give calls of one operation the other's parameters.
    "--workers=1",
    "--request-timeout=30",
    "--continue-on-failure",
    "--max-failures=50",
  ];
  const child = spawn(
    "nice",
    ["-n", "10", run.command, `--config-file=${settings}`, "run", `${run.origin}/openapi.json`, ...flags],
    { cwd: run.folder, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, NO_COLOR: "1" } },
  );
  let told = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => void (told += text));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, told };
}

function settingsOf({ callers, known }: Run): string {
  const { session, operator, client, accessToken } = callers;
  const text = (value: string): string => JSON.stringify(value);
  return [
    "[auth.openapi]",
    `sessionBearer = { bearer = ${text(session)} }`,
    `operatorToken = { bearer = ${text(operator)} }`,
    `clientBasic = { username = ${text(client.id)}, password = ${text(client.secret)} }`,
    `accessToken = { bearer = ${text(accessToken)} }`,
    "[parameters]",
    `"path.orgId" = ${text(known.orgId)}`,
    "[checks.not_a_server_error]",
    `expected-statuses = ["2xx", "3xx", "4xx", "503"]`,
    "[checks.negative_data_rejection]",
    `expected-statuses = ["4xx", "503"]`,
    ...Object.entries(known.ids).flatMap(([place, id]) => [
      "[[operations]]",
      `include-path-regex = ${text(`/${place}/\\{\\w+\\}`)}`,
      `parameters = { "path.id" = ${text(id)}, "path.connectionId" = ${text(id)} }`,
    ]),
  ].join("\n");
}
