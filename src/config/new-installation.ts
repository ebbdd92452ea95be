import { createHash, randomBytes } from "node:crypto";
import { loadApiConfig } from "./load-config.ts";

/** Settings of an installation that begins: what somebody has said, and keys that nobody else has. */
export interface NewInstallation {
  /** Lines of a settings file that Node, a shell and Compose read alike. Holds the master key. */
  readonly settings: string;
  /** Whose digest is among the settings; it stands nowhere else. */
  readonly operatorToken: string;
}

/**
 * Makes keys and writes down settings that `api` and `worker` accept.
 * @param answers variables and their values
 * @throws {ConfigError} naming what the processes would refuse
 * @throws {TypeError} for a value that no such file can hold
 */
export function newInstallation(
  answers: Readonly<Record<string, string>>,
  operatorName: string,
): NewInstallation {
  const operatorToken = randomBytes(32).toString("hex");
  const digest = createHash("sha256").update(operatorToken).digest("hex");
  const settings = {
    ...answers,
    AUTHIO_IMPORT_CREDS_KEY: randomBytes(32).toString("base64"),
    AUTHIO_OPERATOR_TOKENS: `${operatorName}:${digest}`,
  };
  loadApiConfig(settings);
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${quoted(name, value)}`);
  return {
    operatorToken,
    settings: `# Made by ms-provision init. It holds the master key: without a copy of it no stored secret can be opened again.
${lines.join("\n")}
# The provisioning app, once it is registered: AUTHIO_MS_PROVISION_CLIENT_ID and AUTHIO_MS_PROVISION_CLIENT_SECRET.
`,
  };
}

function quoted(name: string, value: string): string {
  if (/^[\w.:/@,+=%?-]*$/.test(value)) return value;
  if (/['\n\r]/.test(value)) throw new TypeError(`${name} must hold no quote; write %27 in a URL`);
  return `'${value}'`;
}
