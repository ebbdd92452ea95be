import { z } from "zod";
import { referencePage } from "../dashboard/reference-page.ts";
import { type OpenApiDocument, openApiDocument } from "./contract/openapi-document.ts";
import { referenceView } from "./contract/reference-view.ts";
import { describeRoute, type Route } from "./contract/route.ts";
import type { ServedRoute } from "./contract/served-route.ts";
import type { ApiDeps } from "./deps.ts";

const openApiRoute = describeRoute({
  methods: ["get"],
  path: "/openapi.json",
  servedBy: "both",
  operationId: "getOpenApi",
  tag: "Service",
  summary: "This reference as data",
  caller: "anybody",
  answers: {
    200: { description: "An OpenAPI 3.1 document.", schema: z.looseObject({ openapi: z.literal("3.1.1") }) },
  },
  refusals: [],
  refusesBy: { kind: "problem" },
});

const referenceRoute = describeRoute({
  methods: ["get"],
  path: "/docs",
  servedBy: "both",
  operationId: "showReference",
  tag: "Service",
  summary: "This reference as a page",
  caller: "anybody",
  answers: { 200: { description: "For people.", contentTypes: ["text/html"] } },
  refusals: [],
  refusesBy: { kind: "problem" },
});

const cacheControl = "public, max-age=300";

/**
 * The routes that tell of all routes, themselves among them. What they answer is made once for a process, when somebody
 * first asks: it takes longer than all else that the API does to start.
 */
export function referenceRoutes(all: () => readonly Route[]): readonly ServedRoute[] {
  const documentOf = ({ config }: ApiDeps): OpenApiDocument =>
    openApiDocument(all(), { ...config, sessionCookie: config.session.cookie });
  return [
    {
      route: openApiRoute,
      open: (deps) => {
        let body: string | undefined;
        // Readers and generators of others run on pages of theirs; nothing here is secret.
        const headers = {
          "content-type": "application/json",
          "cache-control": cacheControl,
          "access-control-allow-origin": "*",
        };
        return (c) => c.body((body ??= JSON.stringify(documentOf(deps))), 200, headers);
      },
    },
    {
      route: referenceRoute,
      open: (deps) => {
        let page: ReturnType<typeof referencePage> | undefined;
        return (c) => {
          page ??= referencePage(referenceView(documentOf(deps), openApiRoute.path));
          return c.html(page, 200, { "cache-control": cacheControl });
        };
      },
    },
  ];
}
