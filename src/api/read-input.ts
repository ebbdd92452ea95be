import type { Context } from "hono";
import type { z } from "zod";
import { CodedError } from "../domain/coded-error.ts";
import type { FieldError } from "../domain/field-error.ts";
import { cleanDisplay } from "../domain/text.ts";
import type { AppEnv } from "./app-env.ts";
import { readText } from "./read-text.ts";

/** Names of unknown fields are the caller's text. */
const pathUnitsMax = 80;
const errorsMax = 20;

/**
 * The JSON object in a body, read through its schema. An empty body counts as `{}` where none is needed.
 * @throws {CodedError} invalid_request with `errors`: one for each field that is wrong
 */
export async function readBody<T>(
  c: Context<AppEnv>,
  schema: z.ZodType<T>,
  body: "required" | "optional" = "required",
): Promise<T> {
  const text = await readText(c);
  if (text.trim() === "") {
    if (body === "optional") return readValue(schema, {});
    throw invalid([{ path: "", reason: "is empty; a JSON object is needed" }]);
  }
  return readValue(schema, parseJson(text));
}

/**
 * The query, read through its schema; a parameter that is given twice is refused. `hints` are left out where they are
 * empty: callers fill a template and have nothing for them. @throws {CodedError} invalid_request
 */
export function readQuery<T>(c: Context<AppEnv>, schema: z.ZodType<T>, hints: readonly string[] = []): T {
  const parameters = new URL(c.req.url).searchParams;
  const repeated = [...new Set(parameters.keys())].filter((name) => parameters.getAll(name).length > 1);
  if (repeated.length > 0)
    throw invalid(repeated.map((name) => ({ path: name, reason: "is given more than once" })));
  const said = [...parameters].filter(([name, value]) => value !== "" || !hints.includes(name));
  return readValue(schema, Object.fromEntries(said));
}

function readValue<T>(schema: z.ZodType<T>, value: unknown): T {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  throw invalid(read.error.issues.flatMap((issue) => errorsOf(issue, value)));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid([{ path: "", reason: "is not JSON" }]);
  }
}

function invalid(errors: readonly FieldError[]): CodedError {
  return new CodedError("invalid_request", undefined, {
    errors: errors
      .slice(0, errorsMax)
      .map(({ path, reason }) => ({ path: cleanDisplay(path, pathUnitsMax), reason })),
  });
}

type Issue = z.core.$ZodIssue;

function errorsOf(issue: Issue, value: unknown): FieldError[] {
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({ path: [...issue.path, key].join("."), reason: "is not known here" }));
  return [{ path: issue.path.join("."), reason: isMissing(issue, value) ? "is missing" : reasonOf(issue) }];
}

function isMissing({ path }: Issue, value: unknown): boolean {
  const found = path.reduce<unknown>(
    (within, key) => (within as Record<PropertyKey, unknown> | null | undefined)?.[key],
    value,
  );
  return found === undefined;
}

const kinds: Readonly<Record<string, string>> = {
  string: "text",
  object: "an object",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
};

/** What the field must be, in words of ours; nothing of what was sent. */
function reasonOf(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return `must be ${kinds[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `must be ${issue.values.length > 1 ? "one of " : ""}${issue.values.join(", ")}`;
    case "too_small":
      if (issue.origin === "string" && issue.minimum === 1) return "must not be empty";
      return `must be at least ${String(issue.minimum)}${unitOf(issue.origin)}`;
    case "too_big":
      return `must be at most ${String(issue.maximum)}${unitOf(issue.origin)}`;
    case "custom":
      return issue.message;
    default:
      return "is not of the right form";
  }
}

const unitOf = (origin: string): string => (origin === "string" ? " characters" : "");
