import { readdirSync, readFileSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import proto from "@temporalio/proto";
import { bundleWorkflowCode, DefaultLogger, Worker } from "@temporalio/worker";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
const histories = path.join(import.meta.dirname, "histories");
const names = readdirSync(histories);
let copy: string;

beforeAll(async () => {
  copy = await mkdtemp(path.join(os.tmpdir(), "authio-replay-"));
  for (const folder of ["workflows", "domain"])
    await cp(path.join(root, "src", folder), path.join(copy, folder), { recursive: true });
  await symlink(path.join(root, "node_modules"), path.join(copy, "node_modules"));
});
afterAll(() => rm(copy, { recursive: true, force: true }));

const bundle = (folder: string) =>
  bundleWorkflowCode({
    workflowsPath: path.join(folder, "workflows/index.ts"),
    workflowInterceptorModules: [path.join(folder, "workflows/trace-interceptors.ts")],
    logger: new DefaultLogger("WARN"),
  });
/** Stored as protobuf, which the SDK reads without a detour through JSON. */
const historyOf = (name: string) =>
  proto.temporal.api.history.v1.History.decode(readFileSync(path.join(histories, name)));

describe("stored histories", () => {
  it("are those of each way a run can go, with a trace too, of a pass of maintenance and of deliveries", () => {
    const expected =
      "access-changed cancelled compensated delivered disconnected failed left maintained-looking maintained released renewed restored retried succeeded traced unrestored".split(
        " ",
      );
    expect(names).toEqual(expected.map((name) => `${name}.pb`));
  });

  const current = bundle(path.join(root, "src"));
  it.each(names)("%s runs against the current workflow", async (name) => {
    await Worker.runReplayHistory({ workflowBundle: await current }, historyOf(name));
  });

  it("a planted change of order is caught", async () => {
    const file = path.join(copy, "workflows/provision-microsoft-connection.ts");
    const source = await readFile(file, "utf8");
    const planted = source.replace(
      'begin("instantiateApplication");',
      "await activities.removeSupersededCredentials(run);",
    );
    expect(planted).not.toBe(source);
    await writeFile(file, planted);
    await expect(
      Worker.runReplayHistory({ workflowBundle: await bundle(copy) }, historyOf("succeeded.pb")),
    ).rejects.toThrow(/TMPRL1100|[Nn]ondeterminism/);
  });
});
