import { parseArgs } from "node:util";
import { ConfigError } from "../config/environment.ts";
import { adviceFor } from "../db/database-advice.ts";
import { DatabaseError } from "../db/database-error.ts";
import { CodedError } from "../domain/coded-error.ts";
import { factsOf } from "../domain/error-codes.ts";
import { type Command, commands } from "./operators/commands.ts";
import { options, type Shell } from "./operators/options.ts";

/** Every command takes these. */
const common = ["help", "json", "stack"] as const;

/** The operators' commands. Returns the exit code: 0 done, 1 refused or failed, 2 misused. */
export async function msProvision(args: readonly string[], shell: Shell): Promise<number> {
  const [name = "", ...rest] = args;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  try {
    if (name === "init") return await (await import("./operators/init.ts")).init(rest, shell);
    if (name === "" || name === "help" || name === "--help") {
      shell.print(usage());
      return name === "" ? 2 : 0;
    }
    if (!command) throw new TypeError(`there is no command ${name}; --help names all of them`);
    const taken = [...common, ...command.takes].map((one) => [one, options[one]] as const);
    const { positionals, values } = parseArgs({
      args: rest,
      allowPositionals: true,
      options: Object.fromEntries(taken),
    });
    if (values["help"] === true) {
      shell.print(helpOf(command));
      return 0;
    }
    refuseUnread(positionals, command);
    const environment =
      values["stack"] === true
        ? await (await import("./operators/stack.ts")).readStackEnvironment(shell)
        : shell.environment;
    return await command.run(positionals, values, { ...shell, environment });
  } catch (error) {
    const isJson = rest.includes("--json");
    if (isJson && (error instanceof ConfigError || error instanceof DatabaseError)) {
      shell.print(JSON.stringify({ error: { detail: error.message, ...hindrance(error) } }));
      return 1;
    }
    if (!(error instanceof CodedError) && !(error instanceof TypeError)) throw error;
    shell.print(
      error instanceof CodedError ? refusal(error, isJson) : misuse(error, isJson, command && name),
    );
    return error instanceof CodedError ? 1 : 2;
  }
}

/** A directory after `pause`, or a second id, would be left unread: then nothing is done at all. */
function refuseUnread(words: readonly string[], { usage: takes, words: most, alone = [] }: Command): void {
  const unread = words[alone.includes(words[0] ?? "") ? 1 : most];
  if (unread !== undefined) throw new TypeError(`${unread} is one word too many; it is ${takes}`);
}

function refusal({ code, message }: CodedError, isJson: boolean): string {
  const { action } = factsOf(code);
  return isJson
    ? JSON.stringify({ error: { code, detail: message, action } })
    : `${code}: ${message}. ${action}`;
}

/** What keeps a command from its work, for who reads JSON. */
function hindrance(error: ConfigError | DatabaseError): { readonly code: string; readonly action?: string } {
  if (error instanceof ConfigError) return { code: "misconfigured" };
  const action = adviceFor(error.code);
  return { code: "service_unavailable", ...(action === undefined ? {} : { action }) };
}

function misuse({ message }: TypeError, isJson: boolean, command: string | undefined): string {
  const more = command === undefined ? "" : `\nMore: ms-provision ${command} --help`;
  return isJson ? JSON.stringify({ error: { code: "misused", detail: message } }) : `${message}${more}`;
}

function usage(): string {
  const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(11)} ${summary}`);
  return `Usage: npm run ms-provision -- COMMAND [options]

${lines.join("\n")}
  init        settings with fresh keys, and what to register in Entra

  COMMAND --help   what a command takes
  --json           one JSON value on standard output, {"error": …} where it is refused
  --stack          the product that npm start runs in this folder, in place of the environment

Exit codes: 0 done; 1 refused, failed or something needs you; 2 misused.`;
}

function helpOf({ usage, summary, help }: Command): string {
  return `Usage: ms-provision ${usage}

${summary[0]?.toUpperCase()}${summary.slice(1)}.

${help}
  --json                 one JSON value on standard output
  --stack                the product that npm start runs in this folder`;
}
