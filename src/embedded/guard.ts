import { type ChildProcess, spawn } from "node:child_process";

/**
 * Waits for the end of its input. A line before it means that all is well; without one the process that held the other
 * end is gone, and what it started is stopped: signal, up to 10 s of patience, kill; then a folder is removed.
 */
const script = `
read -r line && exit 0
kill -s "$2" "$1" 2>/dev/null
rounds=0
while kill -0 "$1" 2>/dev/null && [ $rounds -lt 100 ]; do sleep 0.1; rounds=$((rounds + 1)); done
kill -s KILL "$1" 2>/dev/null
[ -z "$3" ] || rm -rf -- "$3"
`;

/**
 * Sees to it that a server does not outlive this process, even if that is killed: a shell holds a pipe to it, in a
 * session of its own, where neither Ctrl-C nor a closing terminal reach it. On Windows the next start ends what is left.
 * @param litter a folder to remove with the server
 */
export function guard(server: ChildProcess, signal: "INT" | "TERM", litter = ""): void {
  if (process.platform === "win32" || server.pid === undefined) return;
  const shell = spawn("/bin/sh", ["-c", script, "authio-guard", String(server.pid), signal, litter], {
    cwd: "/",
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  shell.on("error", () => undefined);
  shell.stdin.on("error", () => undefined);
  shell.unref();
  server.once("exit", () => shell.stdin.end("ended\n"));
}
