import type { AddressInfo } from "node:net";
import { serve, type ServerType } from "@hono/node-server";
import { Hono } from "hono";
import { newTenant } from "./directory.ts";
import { graphRoutes } from "./graph-routes.ts";
import { authorizeRoutes } from "./authorize-routes.ts";
import { consentRoutes } from "./consent-routes.ts";
import { DataFile } from "./data-file.ts";
import { metadataRoutes } from "./metadata-routes.ts";
import { portalRoutes } from "./portal-routes.ts";
import type { IssuedCodes } from "./sign-ins.ts";
import { createSigner, type Signer, type SigningKey } from "./signing.ts";
import { tokenRoutes } from "./token-routes.ts";
import type { Fault, Realism, SimulatorOptions } from "./options.ts";
import { type SimulatorEnv, World } from "./world.ts";

export interface Simulator {
  /** Login and Graph origin alike. */
  readonly origin: string;
  readonly world: World;
  /** New tokens are signed with a new key; the keys before it stay published. */
  rotateKeys(): Promise<void>;
  close(): Promise<void>;
}

/** Starts an Entra and Graph simulator on loopback; port 0 takes a free one. Without a data file it forgets everything. */
export async function startSimulator(
  options: SimulatorOptions & {
    port?: number;
    /** More that its server carries, by path. */
    mounts?: Readonly<Record<string, Hono>>;
    /** What signs until the first rotation; absent makes one, which takes a while. */
    firstKey?: SigningKey;
  },
): Promise<Simulator> {
  const file = options.dataFile === undefined ? undefined : new DataFile(options.dataFile);
  const world = new World({ ...options, tenants: file?.read() });
  const app = new Hono<SimulatorEnv>();
  let origin = "";
  const signer = await createSigner(() => origin, options.firstKey);
  const codes: IssuedCodes = new Map();
  app.use(async (c, next) => {
    await next();
    // Saved before it is answered: what a caller was told must still be true after a restart.
    if (c.req.method !== "GET") await file?.save(world.tenants);
  });
  app.route("/v1.0", graphRoutes(world));
  app.route("/simulator", controlRoutes(world, signer));
  app.route("/", consentRoutes(world));
  app.route(
    "/",
    metadataRoutes(world, () => origin, signer),
  );
  app.route("/", authorizeRoutes(world, codes));
  app.route("/", tokenRoutes(world, signer, codes));
  app.route("/", portalRoutes(world, signer));
  for (const [path, routes] of Object.entries(options.mounts ?? {})) app.route(path, routes);
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
    rotateKeys: () => signer.rotate(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ("closeAllConnections" in server) server.closeAllConnections();
      }),
  };
}

/** The knobs over HTTP, for whoever drives the simulator from another process. */
function controlRoutes(world: World, signer: Signer): Hono<SimulatorEnv> {
  const app = new Hono<SimulatorEnv>();
  app.get("/state", (c) =>
    c.json({
      realism: world.realism,
      calls: world.calls,
      tenants: world.tenants.map((tenant) => ({
        ...tenant,
        applications: tenant.applications.map((one) => ({
          ...one,
          credentials: one.credentials.map(({ secretText: _secret, secretHash: _hash, ...shown }) => shown),
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
  app.post("/keys", async (c) => {
    await signer.rotate();
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
