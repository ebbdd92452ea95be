import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { init } from "../../../src/cli/operators/init.ts";
import { loadApiConfig, loadWorkerConfig } from "../../../src/config/load-config.ts";

let base: string;
let folder: string;
beforeEach(() => {
  base = mkdtempSync(path.join(os.tmpdir(), "init-"));
  folder = path.join(base, "settings");
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const flags = Object.entries({
  "--sso-origin": "https://sso.example.com",
  "--dashboard-url": "https://app.example.com/sso",
  "--project": "proj_1",
  "--operator": "tess",
  "--database-url": "postgres://authio_app:p$w#x@db.example.com/authio?sslmode=require&schema=a",
}).flat();
const nobody = async (): Promise<undefined> => undefined;

async function run(args: readonly string[], ask: (question: string) => Promise<string | undefined> = nobody) {
  const lines: string[] = [];
  const output = openSync("/dev/null", "w");
  const shell = { environment: {}, print: (line: string) => void lines.push(line) };
  const code = await init(args, shell, { ask, output });
  return { code, output: lines.join("\n") };
}

/** As `node --env-file` reads it. */
const settingsOf = (file: string): Record<string, string> =>
  JSON.parse(
    execFileSync(
      process.execPath,
      [`--env-file=${file}`, "-e", "process.stdout.write(JSON.stringify(process.env))"],
      { env: {}, encoding: "utf8" },
    ),
  ) as Record<string, string>;
const modeOf = (name: string): number => statSync(path.join(folder, name)).mode & 0o777;

it("writes settings that the processes accept, readable by this user alone, and prints none of their secrets", async () => {
  const { code, output } = await run([...flags, "--out", folder]);
  expect(code).toBe(0);
  expect(modeOf(".env")).toBe(0o600);
  expect(statSync(folder).mode & 0o077).toBe(0);
  const settings = settingsOf(path.join(folder, ".env"));
  expect(loadApiConfig(settings)).toMatchObject({
    ssoOrigin: "https://sso.example.com",
    managementOrigin: "https://sso.example.com",
    returnHosts: { hosts: ["app.example.com"] },
    provisioning: { kind: "not_configured" },
  });
  expect(output).not.toContain(settings["AUTHIO_IMPORT_CREDS_KEY"]);
  const token = readFileSync(path.join(folder, "operator-token"), "utf8").trim();
  expect(modeOf("operator-token")).toBe(0o600);
  expect(output).not.toContain(token);
  expect(settings["AUTHIO_OPERATOR_TOKENS"]).toBe(`tess:${createHash("sha256").update(token).digest("hex")}`);
  expect(readFileSync(path.join(folder, ".env"), "utf8")).not.toContain(token);
});

it("a shell reads the same values as Node", async () => {
  await run([...flags, "--out", folder]);
  const shell = execFileSync("sh", [
    "-c",
    '. "$1"; printf %s "$DATABASE_URL"',
    "sh",
    path.join(folder, ".env"),
  ]);
  expect(String(shell)).toBe(flags.at(-1));
  expect(settingsOf(path.join(folder, ".env"))["DATABASE_URL"]).toBe(flags.at(-1));
});

it("writes over nothing, and makes other keys each time", async () => {
  await run([...flags, "--out", folder]);
  const before = readFileSync(path.join(folder, ".env"), "utf8");
  await expect(run([...flags, "--out", folder])).rejects.toThrow(/\.env is there already/);
  expect(readFileSync(path.join(folder, ".env"), "utf8")).toBe(before);
  const other = path.join(base, "other");
  await run([...flags, "--out", other]);
  const keyOf = (file: string) => settingsOf(path.join(file, ".env"))["AUTHIO_IMPORT_CREDS_KEY"];
  expect(keyOf(other)).not.toBe(keyOf(folder));
});

it("asks for what no flag says, offers what is usual, and names what is missing where nobody can be asked", async () => {
  const asked: string[] = [];
  const { output } = await run(["--project", "proj_1"], async (question) => {
    asked.push(question);
    if (question.startsWith("Public origin of this")) return " https://sso.example.com ";
    return question.startsWith("Page of your") ? "https://app.example.com/" : "";
  });
  expect(asked).toHaveLength(7);
  expect(asked[1]).toContain("[https://sso.example.com]");
  expect(output).toContain("AUTHIO_SSO_ORIGIN=https://sso.example.com\n");
  expect(output).toContain("AUTHIO_MS_CONSENT_RETURN_HOSTS=app.example.com\n");
  expect(output).toContain('"groupMembershipClaims": "DirectoryRole"');
  await expect(run(["--project", "proj_1"])).rejects.toThrow(
    "give --sso-origin, --management-origin, --dashboard-url, --return-hosts",
  );
});

it("refuses what the processes would refuse, before anything is written", async () => {
  const plain = flags.map((flag) => flag.replace("https://sso", "http://sso"));
  await expect(run([...plain, "--out", folder])).rejects.toThrow(/AUTHIO_SSO_ORIGIN must be an https URL/);
  await expect(run([...flags, "--temporal-address", "a'b", "--out", folder])).rejects.toThrow(TypeError);
  await expect(run([...flags, "--cloud", "mars", "--out", folder])).rejects.toThrow(/one of global/);
  expect(() => statSync(folder)).toThrow(/ENOENT/);
});

it("says what it takes", async () => {
  const { code, output } = await run(["--help"]);
  expect(code).toBe(0);
  for (const flag of [...flags.filter((one) => one.startsWith("--")), "--out", "--cloud"])
    expect(output).toContain(`  ${flag} `);
  await expect(run(["--dance"])).rejects.toThrow(TypeError);
});

it("prints no secret into a file that others can read", async () => {
  const file = path.join(base, "printed");
  const shell = { environment: {}, print: () => expect.unreachable() };
  await expect(init(flags, shell, { ask: nobody, output: openSync(file, "w", 0o644) })).rejects.toThrow(
    /others can read/,
  );
  const { code, output } = await run([...flags, "--out", folder]);
  expect([code, /[0-9a-f]{64}/.test(output)]).toEqual([0, false]);
  chmodSync(file, 0o600);
  const quiet = { environment: {}, print: () => undefined };
  expect(await init(flags, quiet, { ask: nobody, output: openSync(file, "r") })).toBe(0);
});

it("the script registers the app once, and adds its secret to the settings alone", async () => {
  await run([...flags, "--cloud", "usgov", "--out", folder]);
  const calls = path.join(base, "calls");
  writeFileSync(
    path.join(base, "az"),
    `#!/bin/sh
echo "$@" >>${calls}
case "$*" in *addPassword*) echo 'fresh~secret.value';; *servicePrincipals*) echo sp;; *) echo 'object-id 11111111-2222-3333-4444-555555555555';; esac
`,
    { mode: 0o755 },
  );
  const register = (): string =>
    execFileSync("sh", [path.join(folder, "register-in-entra.sh"), path.join(folder, ".env")], {
      env: { PATH: `${base}:${process.env["PATH"]}` },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  expect(register()).not.toContain("fresh~secret.value");
  const settings = settingsOf(path.join(folder, ".env"));
  expect(settings).toMatchObject({
    AUTHIO_MS_PROVISION_CLIENT_ID: "11111111-2222-3333-4444-555555555555",
    AUTHIO_MS_PROVISION_CLIENT_SECRET: "fresh~secret.value",
    AUTHIO_MS_CLOUD: "usgov",
  });
  expect(loadWorkerConfig(settings).provisioning.kind).toBe("configured");
  expect(modeOf(".env")).toBe(0o600);
  const said = readFileSync(calls, "utf8");
  expect(said).toContain("https://graph.microsoft.us/v1.0/applications ");
  expect(said).toContain("https://sso.example.com/v1/sso/microsoft/consent/callback");
  expect(said).toContain("/applications/object-id/addPassword");
  expect(register).toThrow(/names an app already; nothing was done/);
  expect(readFileSync(calls, "utf8")).toBe(said);
});

it("gives the next command as a shell takes it, whatever the folder is called", async () => {
  const odd = path.join(base, "our settings; it's $new");
  const { output } = await run([...flags, "--out", odd]);
  const words = /in Entra: sh (.*), with the Azure CLI/.exec(output)?.[1] ?? "";
  const read = execFileSync("sh", ["-c", `printf '%s\\n' ${words}`], { encoding: "utf8" });
  expect(read.trim().split("\n")).toEqual([path.join(odd, "register-in-entra.sh"), path.join(odd, ".env")]);
});
