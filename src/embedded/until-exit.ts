import type { ChildProcess } from "node:child_process";

/** Waits for a child that was told to stop; after 10 s it is killed. */
export async function untilExit(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const force = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await new Promise((resolve) => child.once("exit", resolve));
  clearTimeout(force);
}
