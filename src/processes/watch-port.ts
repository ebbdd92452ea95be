import { Hono } from "hono";
import type { ListenAddress } from "../config/config.ts";
import type { TemporalLook } from "../domain/temporal-look.ts";
import type { OperationsContext } from "../operations/context.ts";
import { createReadiness } from "../operations/readiness.ts";
import type { Metrics } from "./metrics/metrics.ts";
import { type RunningServer, serveHttp } from "./serve.ts";

/**
 * What machines ask a process, on a port of its own (`AUTHIO_METRICS_PORT`): `/healthz` says that it lives, `/readyz`
 * whether it may be given people or work, `/metrics` what it did and what waits.
 */
export function openWatchPort(
  ctx: Pick<OperationsContext, "database" | "runs"> & { readonly temporal: TemporalLook },
  { host, port }: ListenAddress,
  metrics: Metrics,
): Promise<RunningServer> {
  const app = new Hono();
  const look = createReadiness(ctx);
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.get("/readyz", async (c) => {
    const seen = await look();
    return c.json(seen, seen.status === "ready" ? 200 : 503);
  });
  app.get("/metrics", async (c) => {
    const text = await metrics.text({ ...ctx, readiness: await look() });
    return c.body(text, 200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
  });
  return serveHttp(app.fetch, host, port);
}
