import type { Context } from "hono";
import type { AppEnv } from "../app-env.ts";
import type { ApiDeps } from "../deps.ts";
import type { Route } from "./route.ts";

/** What answers a call. */
export type Handle = (c: Context<AppEnv>) => Response | Promise<Response>;

/** A route with what answers it. */
export interface ServedRoute {
  readonly route: Route;
  /** Once for each process, so that a handler may remember something. */
  readonly open: (deps: ApiDeps) => Handle;
}

export function served(
  route: Route,
  handle: (c: Context<AppEnv>, deps: ApiDeps) => Response | Promise<Response>,
): ServedRoute {
  return { route, open: (deps) => (c) => handle(c, deps) };
}
