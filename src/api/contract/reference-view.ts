import type { FieldRow, OperationView, ReferenceView } from "../../dashboard/reference-page.ts";
import type { JsonSchema } from "./json-schemas.ts";
import type { OpenApiDocument, Operation } from "./openapi-document.ts";

const methods = ["get", "post", "patch", "delete"] as const;
const problemType = "application/problem+json";

/** What the document says, in the order and words of a page. */
export function referenceView(document: OpenApiDocument, documentUrl: string): ReferenceView {
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    methods.flatMap((method) => (item[method] ? [{ path, method, operation: item[method] }] : [])),
  );
  return {
    title: document.info.title,
    description: document.info.description,
    documentUrl,
    chapters: document.tags.map(({ name, description }) => ({
      name,
      description,
      operations: operations
        .filter(({ operation }) => operation.tags.some((tag) => tag === name))
        .map(({ path, method, operation }) => operationView(document, path, method, operation)),
    })),
    shapes: Object.entries(document.components.schemas).map(([name, schema]) => ({
      name,
      description: descriptionOf(schema),
      fields: schema["properties"] === undefined ? [rowOf(name, schema, true)] : fieldsOf(schema),
    })),
  };
}

function operationView(
  { components }: OpenApiDocument,
  path: string,
  method: string,
  operation: Operation,
): OperationView {
  const body = Object.values(operation.requestBody?.content ?? {})[0]?.schema;
  return {
    name: operation.operationId,
    method: method.toUpperCase(),
    path,
    summary: operation.summary,
    description: operation.description,
    security: operation.security
      .flatMap((one) => Object.keys(one))
      .map((name) => `\`${name}\`: ${descriptionOf(components.securitySchemes[name] ?? {})}`),
    parameters: operation.parameters.map(({ name, required, schema, description }) =>
      rowOf(name, { ...schema, ...(description === undefined ? {} : { description }) }, required),
    ),
    body: body === undefined ? [] : fieldsOf(body),
    answers: Object.entries(operation.responses).map(([status, { description, content = {} }]) => ({
      status,
      lines: description.split("\n"),
      contents: Object.entries(content).map(([mediaType, { schema }]) => ({
        mediaType,
        type: typeOf(schema),
      })),
      fields: Object.entries(content).flatMap(([type, { schema }]) =>
        type === problemType ? [] : fieldsOf(schema),
      ),
    })),
  };
}

/** Each field of an object, those of objects within it by their path; of a choice, the fields of every part. */
function fieldsOf(schema: JsonSchema, within = ""): FieldRow[] {
  const properties = (schema["properties"] ?? {}) as Readonly<Record<string, JsonSchema>>;
  const required = (schema["required"] ?? []) as readonly string[];
  const own = Object.entries(properties).flatMap(([name, one]) => [
    rowOf(within + name, one, required.includes(name)),
    ...fieldsOf(one, `${within}${name}.`),
    ...fieldsOf((one["items"] ?? {}) as JsonSchema, `${within}${name}[].`),
  ]);
  return [...own, ...partsOf(schema).flatMap((part) => fieldsOf(part, within))];
}

function rowOf(name: string, schema: JsonSchema, isRequired: boolean): FieldRow {
  return { name, isRequired, type: typeOf(schema), description: descriptionOf(schema) };
}

function typeOf(schema: JsonSchema): FieldRow["type"] {
  const { $ref: reference, enum: values, const: value, type, format, items } = schema;
  if (typeof reference === "string") {
    const shape = reference.split("/").at(-1);
    return { text: shape ?? "", shape };
  }
  if (Array.isArray(values)) return { text: values.join(" or ") };
  if (value !== undefined) return { text: JSON.stringify(value) };
  const parts = partsOf(schema).map(typeOf);
  if (parts.length > 0)
    return {
      text: parts.map(({ text }) => text).join(" or "),
      shape: parts.find(({ shape }) => shape)?.shape,
    };
  if (type === "array") {
    const { text, shape } = typeOf(items as JsonSchema);
    return { text: `list of ${text}`, shape };
  }
  const words = [type, format].filter((word) => typeof word === "string");
  return { text: words.join(", ") || "anything" };
}

const partsOf = (schema: JsonSchema): readonly JsonSchema[] =>
  (schema["anyOf"] ?? schema["oneOf"] ?? []) as readonly JsonSchema[];

const descriptionOf = ({ description }: JsonSchema): string | undefined =>
  typeof description === "string" ? description : undefined;
