import { Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { assetsPath, findAsset } from "../dashboard/assets.ts";
import { startingPage } from "../dashboard/starting-page.ts";
import { factsOf } from "../domain/error-codes.ts";
import { type RunningServer, serveHttp } from "../processes/serve.ts";

type Fetch = Parameters<typeof serveHttp>[0];

export interface Front extends RunningServer {
  /** From now on requests go there; until then each is told that the product is starting. */
  open(fetch: Fetch): void;
}

/**
 * Listens before there is anything to serve: the product's own origin is part of its configuration, and browsers come
 * as soon as the port answers.
 */
export async function startFront(port: number): Promise<Front> {
  let current: Fetch = starting().fetch;
  const server = await serveHttp((request, env) => current(request, env), "127.0.0.1", port);
  return {
    ...server,
    open: (fetch) => {
      current = fetch;
    },
  };
}

/** 503 to everybody: a page that looks again by itself, or a problem for programs. */
function starting(): Hono {
  const app = new Hono();
  app.use(
    secureHeaders({
      referrerPolicy: "no-referrer",
      contentSecurityPolicy: { defaultSrc: ["'none'"], styleSrc: ["'self'"], imgSrc: ["'self'"] },
    }),
  );
  app.get(`${assetsPath}/:version/:name`, (c) => {
    const asset = findAsset(c.req.param("name"));
    return asset ? c.body(asset.body, 200, { "content-type": asset.contentType }) : c.notFound();
  });
  app.all("*", (c) => {
    c.header("retry-after", "1");
    c.header("cache-control", "no-store");
    if (c.req.header("accept")?.includes("text/html"))
      return c.html(startingPage(c.req.method === "GET"), 503);
    const { title, detail, action } = factsOf("service_unavailable");
    const body = { type: "urn:authio:problem:service_unavailable", title, status: 503, detail };
    return c.body(JSON.stringify({ ...body, code: "service_unavailable", action }), 503, {
      "content-type": "application/problem+json",
    });
  });
  return app;
}
