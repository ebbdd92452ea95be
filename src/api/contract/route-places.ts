import { type Route, routerPathOf } from "./route.ts";
import type { ServedRoute } from "./served-route.ts";

/** One address with all that is served there. */
interface RoutePlace {
  /** As the router takes it. */
  readonly path: string;
  /** What its `Allow` header says: a GET answers a HEAD too. */
  readonly allow: string;
  readonly routes: readonly ServedRoute[];
}

/** Routes by address, those with fewer parameters first: `/start` is no `/{id}`, whatever the method. */
export function placesOf(routes: readonly ServedRoute[]): readonly RoutePlace[] {
  const found = new Map<string, ServedRoute[]>();
  for (const served of routes) {
    const path = routerPathOf(served.route);
    found.set(path, [...(found.get(path) ?? []), served]);
  }
  return [...found]
    .map(([path, here]) => ({ path, allow: allowOf(here.map(({ route }) => route)), routes: here }))
    .toSorted((a, b) => parametersIn(a.path) - parametersIn(b.path));
}

const parametersIn = (path: string): number => path.split("/:").length - 1;

function allowOf(routes: readonly Pick<Route, "methods">[]): string {
  const methods = routes
    .flatMap((route) => route.methods)
    .flatMap((method) => (method === "get" ? ["GET", "HEAD"] : [method.toUpperCase()]));
  return [...new Set(methods)].join(", ");
}
