import { answerPage } from "../answer-error.ts";
import type { Handle } from "../contract/served-route.ts";
import type { Route } from "../contract/route.ts";
import type { ApiDeps } from "../deps.ts";

/** A route that people's browsers ask, and whatever looks at an address that somebody sent. */
export function forBrowsers({ refusesBy }: Route, handle: Handle, deps: ApiDeps): Handle {
  return async (c) => {
    // Link checkers ask with HEAD; nothing may happen then.
    if (c.req.method === "HEAD") return c.body(null, 204);
    try {
      return await handle(c);
    } catch (error) {
      if (refusesBy.kind !== "page") throw error;
      return answerPage(c, deps, error, refusesBy);
    }
  };
}
