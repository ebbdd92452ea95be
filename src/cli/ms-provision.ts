import { parseArgs } from "node:util";
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
    if (!command) {
      shell.print(usage());
      return name === "--help" ? 0 : 2;
    }
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
    const environment =
      values["stack"] === true
        ? await (await import("./operators/stack.ts")).readStackEnvironment(shell)
        : shell.environment;
    return await command.run(positionals, values, { ...shell, environment });
  } catch (error) {
    if (!(error instanceof CodedError) && !(error instanceof TypeError)) throw error;
    const isJson = rest.includes("--json");
    shell.print(
      error instanceof CodedError ? refusal(error, isJson) : misuse(error, isJson, command && name),
    );
    return error instanceof CodedError ? 1 : 2;
  }
}

function refusal({ code, message }: CodedError, isJson: boolean): string {
  const { action } = factsOf(code);
  return isJson
    ? JSON.stringify({ error: { code, detail: message, action } })
    : `${code}: ${message}. ${action}`;
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
