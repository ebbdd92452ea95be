import { type ErrorCode, factsOf } from "../../domain/error-codes.ts";
import { isFinalRefusal } from "../browser/refusal.ts";
import { refusalsOf } from "./callers.ts";
import type { JsonSchema, JsonSchemas } from "./json-schemas.ts";
import { problemSchema } from "./problem.schema.ts";
import type { Answer, Route } from "./route.ts";

interface Header {
  readonly required: boolean;
  readonly description: string;
  readonly schema: JsonSchema;
}

/** One status of one operation, as OpenAPI writes it. */
export interface ResponseObject {
  readonly description: string;
  readonly headers: Readonly<Record<string, Header | { readonly $ref: string }>>;
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>;
}

const text = { type: "string" } as const;

/** On every answer, whatever its status. */
export const commonHeaders = {
  "X-Request-Id": {
    required: true,
    description: "The id of this call, as logs and `request_id` have it.",
    schema: { type: "string", pattern: "^req_[0-9a-f]{32}$" },
  },
} satisfies Record<string, Header>;

/** Everything that the route can answer a method, by status: what it gives and how it refuses. */
export function responsesOf(
  route: Route,
  method: Route["methods"][number],
  schemas: JsonSchemas,
): Record<string, ResponseObject> {
  const codes = refusalsOf(route, method).filter((code) => isSaidByCode(route, code));
  const statuses = new Set([...Object.keys(route.answers).map(Number), ...codes.map(statusOf)]);
  return Object.fromEntries(
    [...statuses]
      .toSorted((a, b) => a - b)
      .map((status) => [
        String(status),
        responseOf(
          route,
          status,
          codes.filter((code) => statusOf(code) === status),
          schemas,
        ),
      ]),
  );
}

const statusOf = (code: ErrorCode): number => factsOf(code).httpStatus;

/** OAuth's endpoints have words of their own; only a body that nobody read is refused before them. */
function isSaidByCode({ refusesBy }: Route, code: ErrorCode): boolean {
  if (refusesBy.kind === "oauth") return code === "body_too_large";
  // Final refusals of a callback leave for a page; where nobody asks for JSON that is all there is.
  if (refusesBy.kind === "page" && refusesBy.clean && !refusesBy.json)
    return !isFinalRefusal(code) || code === "body_too_large";
  return true;
}

function responseOf(
  route: Route,
  status: number,
  codes: readonly ErrorCode[],
  schemas: JsonSchemas,
): ResponseObject {
  const given: Answer | undefined = route.answers[status];
  const problems = codes.filter((code) => isProblem(route, code));
  const hasPage = codes.some((code) => isPage(route, code));
  const content = {
    ...(given?.schema ? { "application/json": { schema: schemas.write(given.schema, "output") } } : {}),
    ...Object.fromEntries((given?.contentTypes ?? []).map((type) => [type, { schema: text }])),
    ...(hasPage ? { "text/html": { schema: text } } : {}),
    ...(problems.length > 0
      ? { "application/problem+json": { schema: problemOf(problems, status, schemas) } }
      : {}),
  };
  const sentences = codes.map((code) => `\`${code}\`: ${factsOf(code).title}.`);
  return {
    description: [...(given ? [given.description] : []), ...sentences].join("\n"),
    headers: {
      "X-Request-Id": { $ref: "#/components/headers/X-Request-Id" },
      ...headersOf(status, codes, given),
    },
    ...(Object.keys(content).length > 0 ? { content } : {}),
  };
}

function isProblem({ refusesBy }: Route, code: ErrorCode): boolean {
  return refusesBy.kind !== "page" || refusesBy.json || code === "body_too_large";
}

function isPage({ refusesBy }: Route, code: ErrorCode): boolean {
  if (refusesBy.kind !== "page" || code === "body_too_large") return false;
  return !refusesBy.clean || !isFinalRefusal(code);
}

function problemOf(codes: readonly ErrorCode[], status: number, schemas: JsonSchemas): JsonSchema {
  return {
    ...schemas.write(problemSchema, "output"),
    properties: { code: { enum: codes }, status: { const: status } },
    // A 400 says what to correct.
    ...(status === 400 ? { required: ["errors"] } : {}),
  };
}

function headersOf(
  status: number,
  codes: readonly ErrorCode[],
  given: Answer | undefined,
): Record<string, Header> {
  const own = Object.entries(given?.headers ?? {}).map(([name, description]) => [
    name,
    { required: true, description, schema: text },
  ]);
  const passes = codes.length > 0 && codes.every((code) => factsOf(code).who === "wait" || status === 429);
  const retry = {
    "Retry-After": {
      required: passes && given === undefined,
      description: "Seconds to wait; absent where waiting changes nothing.",
      schema: { type: "string", pattern: "^[1-9][0-9]*$" },
    },
  };
  const challenge = {
    "WWW-Authenticate": { required: true, description: "How to show who calls (RFC 9110).", schema: text },
  };
  return {
    ...Object.fromEntries(own),
    ...([429, 503].includes(status) ? retry : {}),
    ...(status === 401 ? challenge : {}),
  };
}
