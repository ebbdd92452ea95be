import type { AddressInfo } from "node:net";
import { serve, type ServerType } from "@hono/node-server";
import { Hono } from "hono";
import { newTenant } from "./directory.ts";
import { graphRoutes } from "./graph-routes.ts";
import { loginRoutes } from "./login-routes.ts";
import type { Fault, Realism, SimulatorOptions } from "./options.ts";
import { type SimulatorEnv, World } from "./world.ts";

export interface Simulator {
  /** Login and Graph origin alike. */
  readonly origin: string;
  readonly world: World;
  close(): Promise<void>;
}

/** Starts an Entra and Graph simulator on loopback; port 0 takes a free one. Keeps everything in memory. */
export async function startSimulator(options: SimulatorOptions & { port?: number }): Promise<Simulator> {
  const world = new World(options);
  const app = new Hono<SimulatorEnv>();
  let origin = "";
  app.get("/", (c) => c.text("Entra and Graph simulator. This is not Microsoft."));
  app.route("/v1.0", graphRoutes(world));
  app.route("/simulator", controlRoutes(world));
  app.route("/", await loginRoutes(world, () => origin));
  const server = await new Promise<ServerType>((resolve, reject) => {
    const starting = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: options.port ?? 0 }, () =>
      resolve(starting),
    );
    starting.once("error", reject);
  });
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    world,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ("closeAllConnections" in server) server.closeAllConnections();
      }),
  };
}

/** The knobs over HTTP, for whoever drives the simulator from another process. */
function controlRoutes(world: World): Hono<SimulatorEnv> {
  const app = new Hono<SimulatorEnv>();
  app.get("/state", (c) =>
    c.json({
      realism: world.realism,
      calls: world.calls,
      tenants: world.tenants.map((tenant) => ({
        ...tenant,
        applications: tenant.applications.map((one) => ({
          ...one,
          credentials: one.credentials.map(({ secretText, ...shown }) => ({
            ...shown,
            hint: secretText.slice(0, 3),
          })),
        })),
      })),
    }),
  );
  app.put("/realism", async (c) => {
    world.realism = { ...world.realism, ...(await c.req.json<Partial<Realism>>()) };
    return c.body(null, 204);
  });
  app.put("/faults", async (c) => {
    world.setFaults(await c.req.json<Fault[]>());
    return c.body(null, 204);
  });
  app.post("/tenants", async (c) => {
    const { name } = await c.req.json<{ name: string }>();
    const tenant = newTenant(name);
    world.tenants.push(tenant);
    return c.json(tenant, 201);
  });
  return app;
}
