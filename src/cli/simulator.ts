import { randomBytes, randomUUID } from "node:crypto";
import { parseArgs } from "node:util";
import {
  createDevelopmentSessions,
  developmentProject,
  issuerPath,
} from "../embedded/development-sessions.ts";
import { untilSignal } from "../processes/signals.ts";
import { startSimulator } from "../simulator/server.ts";

const defaultPort = 3001;

/**
 * The simulated Microsoft and a session issuer alone, for those who bring their own Postgres and Temporal. Prints the
 * variables that lead the product there.
 */
export async function simulator(args: readonly string[], print: (line: string) => void): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { port: { type: "string" }, data: { type: "string" } },
  });
  const port = Number(values.port ?? defaultPort);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new TypeError("--port takes 0 to 65535");
  const app = { clientId: randomUUID(), clientSecret: randomBytes(24).toString("base64url") };
  const sessions = await createDevelopmentSessions();
  const running = await startSimulator({
    port,
    provisioningApp: app,
    dataFile: values.data,
    mounts: { [issuerPath]: sessions.routes },
  });
  print(`# Microsoft, simulated: ${running.origin}. Stop it with Ctrl-C. Settings for api and worker:`);
  for (const [name, value] of Object.entries({
    AUTHIO_MS_LOGIN_ORIGIN: running.origin,
    AUTHIO_MS_GRAPH_ORIGIN: running.origin,
    AUTHIO_MS_PROVISION_CLIENT_ID: app.clientId,
    AUTHIO_MS_PROVISION_CLIENT_SECRET: app.clientSecret,
    AUTHIO_PROJECT_ID: developmentProject,
    AUTHIO_SESSION_ISSUER: `${running.origin}${issuerPath}`,
    AUTHIO_ALLOW_INSECURE_LOOPBACK: "1",
  }))
    print(`${name}=${value}`);
  await untilSignal();
  await running.close();
  return 0;
}
