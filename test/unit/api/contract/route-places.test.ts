import { expect, it } from "vitest";
import { placesOf } from "../../../../src/api/contract/route-places.ts";
import { routes } from "../../../../src/api/routes.ts";

const places = placesOf(routes);
const indexOf = (path: string): number => places.findIndex((place) => place.path === path);

it("a path with fewer parameters comes before one that would take it for an id", () => {
  const orgs = "/v1/session/orgs/:orgId/ms-provision";
  expect(indexOf(`${orgs}/start`)).toBeGreaterThanOrEqual(0);
  expect(indexOf(`${orgs}/start`)).toBeLessThan(indexOf(`${orgs}/:id`));
});

it("each route has one place, which allows the methods of all that stand there", () => {
  expect(places.flatMap((place) => place.routes)).toHaveLength(routes.length);
  expect(new Set(places.map(({ path }) => path)).size).toBe(places.length);
  expect(places[indexOf("/v1/webhooks")]?.allow).toBe("GET, HEAD, POST");
  expect(places[indexOf("/v1/auth/token")]?.allow).toBe("POST");
});
