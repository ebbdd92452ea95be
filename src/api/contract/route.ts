import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { z } from "zod";
import type { ErrorCode } from "../../domain/error-codes.ts";
import type { AppEnv } from "../app-env.ts";
import type { Tag } from "./tags.ts";

/** Who may call; `contract/callers.ts` says how they show it, and what they are told where they do not. */
export type CallerKind = "member" | "admin" | "operator" | "client" | "token" | "browser" | "anybody";

/** What a caller is told in one status. */
export interface Answer {
  readonly description: string;
  /** The JSON body; absent where there is another or none. */
  readonly schema?: z.ZodType;
  /** Bodies that are no JSON. */
  readonly contentTypes?: readonly string[];
  /** Headers beside those of every answer, by name. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * How a route says no. `problem`: always as application/problem+json. `oauth`: as its `answers` say (RFC 6749). `page`:
 * by a page; where `json` is set as a problem to who asks for JSON, and where `clean` is set by a 303 to a page of its
 * own once it is final.
 */
export type Refusals =
  | { readonly kind: "problem" }
  | { readonly kind: "oauth" }
  | { readonly kind: "page"; readonly clean: boolean; readonly json: boolean };

/** One route as the API reference has it, and as `app.ts` serves it. */
export interface Route {
  /** Two where a GET may come as a form post as well. */
  readonly methods: readonly ("get" | "post" | "patch" | "delete")[];
  /** With parameters as `{name}`. */
  readonly path: `/${string}`;
  /** On whose origin it stands; `both` where each has it. */
  readonly servedBy: "management" | "sso" | "both";
  /** Its name in generated clients. */
  readonly operationId: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  readonly caller: CallerKind;
  readonly parameters?: z.ZodObject;
  readonly query?: z.ZodType;
  readonly body?: {
    readonly schema: z.ZodType;
    readonly isRequired: boolean;
    readonly contentType?: "application/x-www-form-urlencoded";
  };
  readonly answers: Readonly<Record<number, Answer>>;
  /** Codes beside those that its caller, its body and every route can be told. */
  readonly refusals: readonly ErrorCode[];
  readonly refusesBy: Refusals;
}

/** Keeps the exact type, so that `answer` knows each status and its body. */
export function describeRoute<const R extends Route>(route: R): R {
  return route;
}

type Answers<R extends Route> = R["answers"];
type BodyOf<R extends Route, S extends keyof Answers<R>> = Answers<R>[S] extends { schema: infer Z }
  ? z.input<Z>
  : never;

/** A JSON answer that the route's description has: another status or another body does not compile. */
export function answer<R extends Route, S extends keyof Answers<R> & ContentfulStatusCode>(
  c: Context<AppEnv>,
  _route: R,
  status: S,
  body: BodyOf<R, S>,
): Response {
  return c.body(JSON.stringify(body), status, { "content-type": "application/json" });
}

/** The path as the router takes it. */
export function routerPathOf({ path }: Pick<Route, "path">): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}
