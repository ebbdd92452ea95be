import { z } from "zod";

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Writes zod schemas as JSON Schema 2020-12, which is OpenAPI 3.1's; what has an `id` is written once, beside. */
export interface JsonSchemas {
  /** What callers may send (`input`), or what they get (`output`): there new fields may come, so objects stay open. */
  write(schema: z.ZodType, io: "input" | "output"): JsonSchema;
  /** Everything with an id that was written so far, by its id. */
  readonly components: Readonly<Record<string, JsonSchema>>;
}

const definitions = "#/$defs/";
const places = "#/components/schemas/";

export function createJsonSchemas(): JsonSchemas {
  const components: Record<string, JsonSchema> = {};
  // Problems stand at each route, and writing one anew is most of the work.
  const known = { input: new Map<z.ZodType, JsonSchema>(), output: new Map<z.ZodType, JsonSchema>() };
  return {
    components,
    write(schema, io) {
      const before = known[io].get(schema);
      if (before) return before;
      const written = z.toJSONSchema(schema, {
        io,
        override: ({ jsonSchema }) => {
          if (io === "output" && jsonSchema.additionalProperties === false)
            delete jsonSchema.additionalProperties;
        },
      });
      const { $schema: _, $defs = {}, ...own } = moved(written) as Record<string, unknown>;
      Object.assign(components, $defs);
      known[io].set(schema, own);
      return own;
    },
  };
}

/** References lead to the document's components. */
function moved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(moved);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) =>
      name === "$ref" && typeof one === "string"
        ? [name, one.replace(definitions, places)]
        : [name, moved(one)],
    ),
  );
}
