import { callers, securitySchemes } from "./callers.ts";
import { createJsonSchemas, type JsonSchema, type JsonSchemas } from "./json-schemas.ts";
import { commonHeaders, responsesOf, type ResponseObject } from "./responses.ts";
import type { Route } from "./route.ts";
import { type Tag, tags } from "./tags.ts";

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query";
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

export interface Operation {
  readonly operationId: string;
  readonly tags: readonly Tag[];
  readonly summary: string;
  readonly description: string;
  readonly security: readonly object[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>>;
  };
  readonly responses: Readonly<Record<string, ResponseObject>>;
}

export type Method = "get" | "head" | "post" | "patch" | "delete";
export type PathItem = { readonly servers: readonly { readonly url: string }[] } & {
  readonly [M in Method]?: Operation;
};

/** As much of OpenAPI 3.1 as this service says of itself. */
export interface OpenApiDocument {
  readonly openapi: "3.1.1";
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly headers: Readonly<Record<string, object>>;
    readonly securitySchemes: Readonly<Record<string, JsonSchema>>;
  };
}

/** Where the API is, as callers see it. */
export interface Origins {
  readonly ssoOrigin: string;
  readonly managementOrigin: string;
}

/**
 * The API reference as data, from the descriptions that stand at the routes. The same for every role: each path says
 * whose origin it stands on.
 */
export function openApiDocument(
  routes: readonly Route[],
  { ssoOrigin, managementOrigin, sessionCookie }: Origins & { sessionCookie: string },
): OpenApiDocument {
  const schemas = createJsonSchemas();
  const origins = { management: [managementOrigin], sso: [ssoOrigin], both: [ssoOrigin, managementOrigin] };
  const paths: Record<string, PathItem> = {};
  for (const route of routes) {
    const servers = [...new Set(origins[route.servedBy])].map((url) => ({ url }));
    paths[route.path] = { servers, ...paths[route.path], ...operationsOf(route, schemas) };
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "One-click Microsoft",
      version: "1.0.0",
      description:
        "Turns one administrator's approval at Microsoft into a live single-sign-on connection, and signs people in with it. Answers may get new fields; ignore those that you do not know. A method that an address does not take is answered with 405 and `Allow`.",
    },
    servers: [...new Set([managementOrigin, ssoOrigin])].map((url) => ({ url })),
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: schemas.components,
      headers: commonHeaders,
      securitySchemes: securitySchemes(sessionCookie),
    },
  };
}

function operationsOf(route: Route, schemas: JsonSchemas): { [M in Method]?: Operation } {
  const operations: { [M in Method]?: Operation } = {};
  for (const method of route.methods) operations[method] = operationOf(route, method, schemas);
  // Link checkers ask with HEAD; nothing happens then.
  if (operations.get && route.caller === "browser") operations.head = headOf(operations.get);
  return operations;
}

function operationOf(route: Route, method: Route["methods"][number], schemas: JsonSchemas): Operation {
  const { body, caller } = route;
  const isSecond = route.methods.length > 1 && method !== "get";
  return {
    operationId: isSecond ? `${route.operationId}ByForm` : route.operationId,
    tags: [route.tag],
    summary: route.summary,
    description: [`For ${callers[caller].who}.`, ...(route.description ? [route.description] : [])].join(" "),
    security: callers[caller].security,
    parameters: [
      ...parametersOf(route.parameters, "path", schemas),
      ...(isSecond ? [] : parametersOf(route.query, "query", schemas)),
    ],
    ...(body && method !== "get"
      ? {
          requestBody: {
            required: body.isRequired,
            content: {
              [body.contentType ?? "application/json"]: { schema: schemas.write(body.schema, "input") },
            },
          },
        }
      : {}),
    responses: responsesOf(route, method, schemas),
  };
}

function headOf(get: Operation): Operation {
  return {
    ...get,
    operationId: `${get.operationId}Head`,
    description: "For link checkers: nothing happens, whatever the query says.",
    parameters: get.parameters.filter((one) => one.in === "path"),
    responses: {
      204: {
        description: "Always.",
        headers: { "X-Request-Id": { $ref: "#/components/headers/X-Request-Id" } },
      },
    },
  };
}

function parametersOf(
  schema: Route["query"] | undefined,
  place: Parameter["in"],
  schemas: JsonSchemas,
): Parameter[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = schemas.write(schema, "input") as {
    properties?: Record<string, JsonSchema & { description?: string }>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...own }]) => ({
    name,
    in: place,
    required: required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: own,
  }));
}
