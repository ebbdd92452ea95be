import { existsSync, fstatSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { ConfigError } from "../../config/environment.ts";
import { newInstallation } from "../../config/new-installation.ts";
import { type CloudName, clouds } from "../../domain/clouds.ts";
import { registrationManifest, registrationScript } from "../../entra/registration.ts";
import type { Shell } from "./options.ts";

/** Where a person sits. */
export interface Seat {
  /** Gives what they have typed; undefined where nobody can be asked. */
  readonly ask: (question: string) => Promise<string | undefined>;
  /** File descriptor of what is printed. */
  readonly output: number;
}

interface Question {
  readonly flag: string;
  readonly variable: string;
  readonly text: string;
  /** What holds where nothing is said. */
  readonly fallback?: (answers: Readonly<Record<string, string>>) => string;
}

const questions: readonly Question[] = [
  {
    flag: "sso-origin",
    variable: "AUTHIO_SSO_ORIGIN",
    text: "Public origin of this service (https://sso.…)",
  },
  {
    flag: "management-origin",
    variable: "AUTHIO_MANAGEMENT_ORIGIN",
    text: "Public origin of the management API",
    fallback: (answers) => answers["AUTHIO_SSO_ORIGIN"] ?? "",
  },
  {
    flag: "dashboard-url",
    variable: "AUTHIO_DASHBOARD_URL",
    text: "Page of your dashboard to come back to (https://app.…)",
  },
  {
    flag: "return-hosts",
    variable: "AUTHIO_MS_CONSENT_RETURN_HOSTS",
    text: "Hosts that a browser may be sent back to",
    fallback: ({ AUTHIO_DASHBOARD_URL: url = "" }) => (URL.canParse(url) ? new URL(url).hostname : ""),
  },
  { flag: "project", variable: "AUTHIO_PROJECT_ID", text: "Your project of the platform (proj_…)" },
  {
    flag: "database-url",
    variable: "DATABASE_URL",
    text: "PostgreSQL, for api and worker",
    fallback: () => "postgres://authio_app@localhost:5432/authio",
  },
  {
    flag: "temporal-address",
    variable: "TEMPORAL_ADDRESS",
    text: "Temporal",
    fallback: () => "localhost:7233",
  },
  {
    flag: "temporal-namespace",
    variable: "TEMPORAL_NAMESPACE",
    text: "Its namespace",
    fallback: () => "default",
  },
];

const others = {
  "app-name": "the app's name, as customers see it on the consent page",
  cloud: "Microsoft's cloud: global, usgov, usgov-dod or china",
  operator: "whose token it is that is made",
  out: "folder to write into; without it everything is printed",
};

const flags = Object.fromEntries(
  [...questions.map(({ flag }) => flag), ...Object.keys(others)].map((flag) => [
    flag,
    { type: "string" as const },
  ]),
);

function help(): string {
  const meanings = [...questions.map(({ flag, text }) => [flag, text] as const), ...Object.entries(others)];
  return `Usage: ms-provision init [--out FOLDER] [options]

Settings with fresh keys, and what to register in Entra. Asks for what is not given, and writes over nothing.

${meanings.map(([flag, meaning]) => `  --${flag.padEnd(20)} ${meaning}`).join("\n")}`;
}

/**
 * Settings with fresh keys, and what to register in Entra: printed, or with `--out FOLDER` written there; then no secret
 * is printed, and the files that hold one are readable by this user alone. Writes over nothing.
 * @throws {TypeError} what to say or do instead
 */
export async function init(
  args: readonly string[],
  shell: Shell,
  { ask, output }: Seat = { ask: askTerminal, output: 1 },
): Promise<number> {
  if (args.includes("--help")) {
    shell.print(help());
    return 0;
  }
  const { values } = parseArgs({ args: [...args], options: flags }) as {
    values: Readonly<Record<string, string | undefined>>;
  };
  const folder = values["out"];
  const places = placesIn(folder ?? ".");
  if (folder === undefined) refuseOpenOutput(output);
  else refuseExisting(Object.values(places));
  const answers = await answersTo(values, ask);
  const operator = values["operator"] ?? shell.environment["USER"] ?? "operator";
  const { settings, operatorToken } = made(answers, operator);
  const manifest = registrationManifest({
    displayName: values["app-name"] ?? "Single sign-on set-up",
    ssoOrigin: new URL(answers["AUTHIO_SSO_ORIGIN"] ?? "").origin,
  });
  const json = `${JSON.stringify(manifest, null, 2)}\n`;
  const { graphOrigin } = clouds[cloudOf(values["cloud"])];
  const script = registrationScript({ graphOrigin, manifest });
  if (folder === undefined)
    for (const text of [settings, `# For Entra's manifest page:\n${json}`, script]) shell.print(text);
  else {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeNew(places.settings, settings, 0o600);
    writeNew(places.manifest, json, 0o644);
    writeNew(places.script, script, 0o755);
    writeNew(places.token, `${operatorToken}\n`, 0o600);
  }
  shell.print(nextSteps({ isWritten: folder !== undefined, places, operator, operatorToken }));
  return 0;
}

const placesIn = (folder: string) => ({
  settings: path.join(folder, ".env"),
  manifest: path.join(folder, "entra-app.json"),
  script: path.join(folder, "register-in-entra.sh"),
  token: path.join(folder, "operator-token"),
});

async function answersTo(
  values: Readonly<Record<string, string | undefined>>,
  ask: Seat["ask"],
): Promise<Record<string, string>> {
  const answers: Record<string, string> = {};
  const missing: string[] = [];
  for (const { flag, variable, text, fallback } of questions) {
    const usual = fallback?.(answers) ?? "";
    const said = values[flag] ?? (await ask(usual === "" ? `${text}: ` : `${text} [${usual}]: `));
    const value = said?.trim() || usual;
    if (value === "") missing.push(`--${flag}`);
    answers[variable] = value;
  }
  if (values["cloud"] !== undefined) answers["AUTHIO_MS_CLOUD"] = cloudOf(values["cloud"]);
  if (missing.length > 0) throw new TypeError(`give ${missing.join(", ")}`);
  return answers;
}

function cloudOf(name: string | undefined): CloudName {
  if (name === undefined) return "global";
  if (!Object.hasOwn(clouds, name))
    throw new TypeError(`--cloud is one of ${Object.keys(clouds).join(", ")}`);
  return name as CloudName;
}

function made(
  answers: Readonly<Record<string, string>>,
  operator: string,
): ReturnType<typeof newInstallation> {
  try {
    return newInstallation(answers, operator);
  } catch (error) {
    // The processes would say the same at their start.
    throw error instanceof ConfigError ? new TypeError(error.message) : error;
  }
}

function refuseExisting(files: readonly string[]): void {
  const [existing] = files.filter((file) => existsSync(file));
  if (existing !== undefined)
    throw new TypeError(
      `${existing} is there already, and may hold a master key that is in use; give another folder`,
    );
}

/** A shell that sends our output into a file makes it readable by others, as a rule. */
function refuseOpenOutput(descriptor: number): void {
  const output = fstatSync(descriptor);
  if (output.isFile() && (output.mode & 0o077) !== 0)
    throw new TypeError(
      "the output goes to a file that others can read, and holds secrets; write with --out FOLDER",
    );
}

/** Made anew, with this mode from the beginning, whatever the umask. */
function writeNew(file: string, text: string, mode: number): void {
  writeFileSync(file, text, { flag: "wx", mode });
}

function nextSteps(now: {
  isWritten: boolean;
  places: ReturnType<typeof placesIn>;
  operator: string;
  operatorToken: string;
}): string {
  const { settings, manifest, script, token } = now.places;
  const made = now.isWritten
    ? `Written: ${settings} and ${token} (of operator ${now.operator}), readable by you alone; ${manifest}, ${script}.`
    : `Operator token of ${now.operator}, shown this once: ${now.operatorToken}
Nothing was written; with --out FOLDER these are files.`;
  return `${made}

Next:
  1. Keep a copy of the master key where it survives this machine.
  2. Register the app in Entra: sh ${shellWord(script)} ${shellWord(settings)}, with the Azure CLI. Or by hand under App registrations, with the
     values of ${manifest} in its manifest, a client secret, and both added to ${settings}.
  3. The database, then the processes: docs/deploy.md.`;
}

/** As it can be pasted into a shell. */
function shellWord(text: string): string {
  return /^[\w./:@~+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

async function askTerminal(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}
