// A worker for the raw workflow, in a process of its own. Says "polling" once it is.
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { DefaultLogger, NativeConnection, Runtime, Worker } from "@temporalio/worker";

Runtime.install({ logger: new DefaultLogger("ERROR"), shutdownSignals: ["SIGTERM"] });
const connection = await NativeConnection.connect({ address: process.env.TEMPORAL_ADDRESS });
const worker = await Worker.create({
  connection,
  taskQueue: "measure-raw",
  workflowsPath: fileURLToPath(new URL("raw-workflow.mjs", import.meta.url)),
  activities: { step: (pauseMs) => sleep(pauseMs) },
});
process.stdout.write("polling\n");
await worker.run();
await connection.close();
process.exit();
