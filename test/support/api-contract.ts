import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import type {
  Method,
  OpenApiDocument,
  Operation,
  PathItem,
} from "../../src/api/contract/openapi-document.ts";
import type { ResponseObject } from "../../src/api/contract/responses.ts";

/** Says what of an answer the document does not have; undefined where all of it is there. */
export type ContractCheck = (method: string, url: Place, answer: Response) => Promise<string | undefined>;
type Place = Pick<URL, "origin" | "pathname">;

/** What may be said at an address, or by a method, that nobody described. */
const nowhere = ["not_found", "body_too_large"];

/**
 * Holds answers against an API reference: status, media type, headers, and each field of a JSON body. Objects are open
 * in the document; here they are closed, so that a field which nobody described is seen.
 */
export function createContractCheck(document: OpenApiDocument): ContractCheck {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);
  ajv.addSchema(closed(document) as object, "api");
  const validators = new Map<string, ValidateFunction>();
  // Of two that fit, the one with fewer parameters is meant.
  const paths = Object.keys(document.paths)
    .map((path) => ({ path, shape: new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`) }))
    .toSorted((a, b) => a.path.split("{").length - b.path.split("{").length);

  function fits(place: readonly string[], body: unknown): string | undefined {
    const pointer = place.map((name) => encodeURIComponent(name.replaceAll("~", "~0").replaceAll("/", "~1")));
    const reference = `api#/${pointer.join("/")}`;
    const validate = validators.get(reference) ?? ajv.compile({ $ref: reference });
    validators.set(reference, validate);
    return validate(body) ? undefined : ajv.errorsText(validate.errors, { dataVar: "body" });
  }

  return async (method, { origin, pathname }, answer) => {
    const found = paths.find(({ shape }) => shape.test(pathname))?.path;
    const verb = method.toLowerCase() as Method;
    // The CORS layer answers those, for any path.
    if (method === "OPTIONS") return undefined;
    const item = found === undefined ? undefined : document.paths[found];
    // A HEAD that nobody described is a GET without its body.
    const described: Method = verb === "head" && !item?.head ? "get" : verb;
    const operation: Operation | undefined = item?.[described];
    if (found === undefined || !operation) return saysNowhere(answer, verb, item);
    // A process of another role does not have the path.
    const isElsewhere = item?.servers.every(({ url }) => url !== origin) === true;
    if (isElsewhere && (await saysNowhere(answer, verb)) === undefined) return undefined;
    const response = operation.responses[String(answer.status)];
    if (!response) return `status ${answer.status} is not described`;
    const fault = headerFault(document, response, answer);
    if (fault !== undefined || verb === "head") return fault;
    const { content } = response;
    const type = answer.headers.get("content-type")?.split(";")[0];
    if (content === undefined)
      return (await answer.clone().text()) === "" ? undefined : `${answer.status} has a body`;
    if (type === undefined || !content[type])
      return `media type ${type} of ${answer.status} is not described`;
    if (!type.endsWith("json")) return undefined;
    const place = ["paths", found, described, "responses", String(answer.status), "content", type, "schema"];
    return fits(place, await answer.clone().json());
  };
}

const compiled = new Map<string, ContractCheck>();

/**
 * As `createContractCheck`, from the document's text. Products of one process give documents that differ in their
 * origins alone: those share what was compiled, which takes longer than all else that a product does to start.
 */
export function sharedContractCheck(text: string): ContractCheck {
  const { servers } = JSON.parse(text) as OpenApiDocument;
  const origins = servers.map(({ url }) => url);
  const standIn = (place: number): string => `https://origin-${place}.example`;
  const common = origins.reduce(
    (all, origin, place) => all.replaceAll(JSON.stringify(origin), JSON.stringify(standIn(place))),
    text,
  );
  const check = compiled.get(common) ?? createContractCheck(JSON.parse(common) as OpenApiDocument);
  compiled.set(common, check);
  return (method, { origin, pathname }, answer) => {
    const place = origins.indexOf(origin);
    return check(method, { origin: place === -1 ? origin : standIn(place), pathname }, answer);
  };
}

async function saysNowhere(answer: Response, verb: string, item?: PathItem): Promise<string | undefined> {
  if (item && answer.status === 405) return allowFault(answer, item);
  if (verb === "head" && answer.status === 404) return undefined;
  const isProblem = answer.headers.get("content-type") === "application/problem+json";
  const { code } = isProblem ? ((await answer.clone().json()) as { code: string }) : { code: undefined };
  return code !== undefined && nowhere.includes(code)
    ? undefined
    : `answers ${answer.status} (${code ?? "no code"}), and is described nowhere`;
}

/** A method that the path does not take: those that it takes are named, and no other. */
function allowFault(answer: Response, item: PathItem): string | undefined {
  const described = Object.keys(item)
    .filter((name) => name !== "servers" && name !== "head")
    .map((name) => name.toUpperCase());
  const allowed = (answer.headers.get("allow") ?? "").split(", ").filter((name) => name !== "HEAD");
  return described.toSorted().join() === allowed.toSorted().join()
    ? undefined
    : `405 allows ${allowed.join(", ")}, and ${described.join(", ")} are described`;
}

interface DescribedHeader {
  readonly required: boolean;
  readonly schema: { readonly pattern?: string };
}

function headerFault(
  { components }: OpenApiDocument,
  { headers }: ResponseObject,
  answer: Response,
): string | undefined {
  for (const [name, given] of Object.entries(headers)) {
    const { required, schema } = ("$ref" in given ? components.headers[name] : given) as DescribedHeader;
    const value = answer.headers.get(name);
    if (value === null && required) return `${answer.status} has no ${name}`;
    if (value !== null && schema.pattern !== undefined && !new RegExp(schema.pattern).test(value))
      return `${name} of ${answer.status} is "${value}"`;
  }
  return undefined;
}

/** Objects that name their fields have no others. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== "object" || value === null) return value;
  const copy: Record<string, unknown> = Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, closed(one)]),
  );
  const isClosed =
    copy["type"] === "object" &&
    copy["properties"] !== undefined &&
    copy["additionalProperties"] === undefined;
  return isClosed ? { ...copy, additionalProperties: false } : copy;
}
