import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { bundleWorkflowCode, DefaultLogger } from "@temporalio/worker";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, "../..");
let copy: string;

beforeAll(async () => {
  copy = await mkdtemp(path.join(os.tmpdir(), "authio-boundaries-"));
  for (const name of ["src", ".oxlintrc.json", "tsconfig.json"])
    await cp(path.join(root, name), path.join(copy, name), { recursive: true });
  await symlink(path.join(root, "node_modules"), path.join(copy, "node_modules"));
});
afterAll(() => rm(copy, { recursive: true, force: true }));

async function lint(): Promise<string> {
  try {
    return (await run(path.join(root, "node_modules/.bin/oxlint"), ["--deny-warnings", "src"], { cwd: copy }))
      .stdout;
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

describe("the folder boundaries", () => {
  it("hold on the clean tree, which has files", async () => {
    expect(await lint()).toMatch(/Found 0 warnings and 0 errors\.[\s\S]*on \d{2,} files/);
  });

  it.each([
    [
      "src/workflows/planted.ts",
      'export { createProvisionActivities } from "../activities/index.ts";',
      "may import domain;",
    ],
    [
      "src/workflows/planted.ts",
      'import { randomBytes } from "node:crypto";\nexport const x = randomBytes(1);',
      "may import domain;",
    ],
    ["src/domain/planted.ts", 'export { openDatabase } from "../db/client.ts";', "domain may import nothing"],
    [
      "src/api/planted.ts",
      'export { provisionMicrosoftConnection } from "../workflows/index.ts";',
      "domain, db, operations, signin, dashboard, entra;",
    ],
    ["src/api/planted.ts", 'export { loadApiConfig } from "../config/load-config.ts";', "by type only"],
    [
      "src/api/planted.ts",
      'export { seal } from "../sealing/envelope.ts";',
      "domain, db, operations, signin, dashboard, entra;",
    ],
    [
      "src/entra/planted.ts",
      "export const x = AbortSignal.any([AbortSignal.timeout(1)]);",
      "it forgets its sources;",
    ],
    ["src/simulator/planted.ts", 'export { seal } from "../sealing/envelope.ts";', "may import domain;"],
    ["src/config/planted.ts", 'export { seal } from "../sealing/envelope.ts";', "may import domain;"],
    [
      "src/db/provision-requests/planted.ts",
      'export { seal } from "../../sealing/envelope.ts";',
      "may import domain;",
    ],
    [
      "src/activities/planted.ts",
      'export { createApp } from "../api/app.ts";',
      "domain, entra, sealing, db;",
    ],
    ["src/signin/planted.ts", 'export { createApp } from "../api/app.ts";', "domain, entra, sealing, db;"],
    ["src/dashboard/planted.ts", 'export { openDatabase } from "../db/client.ts";', "may import domain;"],
    [
      "src/operations/planted.ts",
      'export { createApp } from "../api/app.ts";',
      "operations may import domain, db, entra, sealing;",
    ],
    [
      "src/operations/planted.ts",
      'export { settleDue } from "../activities/maintenance/settle-due.ts";',
      "operations may import domain, db, entra, sealing;",
    ],
    [
      "src/temporal/planted.ts",
      'export { openDatabase } from "../db/client.ts";',
      "temporal may import domain, config;",
    ],
    [
      "src/temporal/planted.ts",
      'export { provisionMicrosoftConnection } from "../workflows/index.ts";',
      "by type only",
    ],
    [
      "src/processes/planted.ts",
      'export { startSimulator } from "../simulator/server.ts";',
      "processes may import everything but",
    ],
    [
      "src/embedded/planted.ts",
      'export { msProvision } from "../cli/ms-provision.ts";',
      "embedded may import everything but cli;",
    ],
    ["src/operations/planted.ts", "export const x = Date.now();", "operations ask ctx.clock;"],
    ["src/operations/checks/planted.ts", "export const x = new Date();", "operations ask ctx.clock;"],
    ["src/entra/planted.ts", "export const x = process.env;", "process.env"],
    ["src/processes/planted.ts", "export const x = process.env;", "process.env"],
  ])("a violation planted as %s: %s", async (file, code, message) => {
    await writeFile(path.join(copy, file), `${code}\n`);
    expect(await lint()).toContain(message);
    await rm(path.join(copy, file));
  });
});

describe("the workflow bundle", () => {
  it("holds no zod and nothing that can do I/O", async () => {
    const { code } = await bundleWorkflowCode({
      workflowsPath: path.join(root, "src/workflows/index.ts"),
      logger: new DefaultLogger("WARN"),
    });
    expect(code).toContain("provisionMicrosoftConnection");
    expect(code).not.toMatch(/ZodError|drizzle|graph-client/);
  });
});
