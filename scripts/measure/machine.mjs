import os from "node:os";

/** One line on what the figures were measured with; figures of another machine differ. */
export function machine(stack) {
  const [cpu] = os.cpus();
  const load = os.loadavg()[0].toFixed(2);
  return [
    `${os.availableParallelism()} cores (${cpu?.model.trim() || os.arch()}), ${Math.round(os.totalmem() / 2 ** 30)} GiB,`,
    `load ${load} before; ${os.type()} ${os.release()}, Node ${process.version},`,
    `PostgreSQL ${stack.postgresVersion}, Temporal's dev server in memory; one api and one worker process.`,
  ].join(" ");
}
