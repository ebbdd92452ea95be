import { Client, type Context, type Middleware, ResponseType } from "@microsoft/microsoft-graph-client";
import type { z } from "zod";
import type { EntraCloud } from "../domain/clouds.ts";
import type { EntraTenantId } from "../domain/ids.ts";
import type { Telemetry } from "../domain/telemetry.ts";
import { unreachable } from "../domain/unreachable.ts";
import type { AppTokens } from "./app-token.ts";
import { answerBytesMax } from "./bounded-fetch.ts";
import { listOf } from "./graph-responses.schema.ts";
import { toGraphError } from "./judge-answer.ts";
import { type HttpAnswer, readAnswer } from "./http-answer.ts";
import { MicrosoftError } from "./microsoft-error.ts";
import type { InstallationGates } from "./installation-gates.ts";

/** One call to Graph on behalf of one tenant. */
export interface GraphClient {
  /** Sends a call; resolves with the answer when its status is one of `expected`, else throws. */
  call<T extends z.ZodType>(call: GraphCall<T>): Promise<z.infer<T>>;
  /** What a list holds, from all its pages: one may be empty and not the last. */
  list<T extends z.ZodType>(
    call: Pick<GraphCall<T>, "path" | "filter" | "select"> & { readonly item: T },
  ): Promise<z.infer<T>[]>;
  /** Like `call`, for calls that Graph answers with 204 and nothing else. */
  send(call: Omit<GraphCall<z.ZodType>, "answer">): Promise<void>;
}

export interface GraphCall<T extends z.ZodType> {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  /** Unencoded; string literals inside go through `odataString`. */
  readonly filter?: string;
  readonly select?: readonly string[];
  readonly body?: object;
  readonly answer: T;
}

const callTimeoutMs = 20_000;
/** Pages hold 100; a tenant with more of our applications than this has other troubles. */
const pagesMax = 50;

/** Quotes a literal for an OData filter (OData 4.01 URL conventions, section 5.1.1.14.1). */
export function odataString(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

const guid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;

/** `GET /applications/{id}`. The address of a further page is Microsoft's own and stays out. */
function nameOf({ method, path }: Pick<GraphCall<z.ZodType>, "method" | "path">): string {
  return `${method} ${path.includes("?") ? "next page" : path.replace(guid, "{id}")}`;
}

/**
 * Our own middleware chain: the stock one repeats POSTs by itself, has no timeout and silently drops the token on
 * plain http. Temporal alone retries. The token goes to the configured Graph origin and nowhere else.
 */
class GraphTransport implements Middleware {
  readonly #graphOrigin: string;
  readonly #token: string;

  constructor(graphOrigin: string, token: string) {
    this.#graphOrigin = graphOrigin;
    this.#token = token;
  }

  async execute(context: Context): Promise<void> {
    const url = typeof context.request === "string" ? context.request : context.request.url;
    if (new URL(url).origin !== this.#graphOrigin)
      throw new TypeError("Graph call outside the configured origin");
    const headers = new Headers(context.options?.headers);
    headers.set("authorization", `Bearer ${this.#token}`);
    headers.set("client-request-id", crypto.randomUUID());
    context.response = await fetch(url, { ...context.options, headers, redirect: "manual" });
  }
}

export function createGraphClient(deps: {
  telemetry: Telemetry;
  cloud: EntraCloud;
  tokens: AppTokens;
  gates: InstallationGates;
  tenantId: EntraTenantId;
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
}): GraphClient {
  const { cloud, tokens, gates, tenantId } = deps;

  async function request(call: Omit<GraphCall<z.ZodType>, "answer">): Promise<HttpAnswer> {
    const token = await tokens.get(tenantId, deps.signal);
    const client = Client.initWithMiddleware({
      middleware: new GraphTransport(cloud.graphOrigin, token),
      baseUrl: cloud.graphOrigin,
      defaultVersion: "v1.0",
    });
    const leave = await gates.enter(tenantId);
    const answer = await readAnswer(
      { name: nameOf(call), telemetry: deps.telemetry },
      (signal) => {
        let built = client.api(call.path).responseType(ResponseType.RAW).option("signal", signal);
        // The client does not encode query values.
        if (call.filter !== undefined) built = built.query({ $filter: encodeURIComponent(call.filter) });
        if (call.select !== undefined) built = built.query({ $select: call.select.join(",") });
        switch (call.method) {
          case "GET":
            return built.get() as Promise<Response>;
          case "POST":
            return built.post(call.body ?? {}) as Promise<Response>;
          case "PATCH":
            return built.patch(call.body ?? {}) as Promise<Response>;
          case "DELETE":
            return built.delete() as Promise<Response>;
          default:
            return unreachable(call.method);
        }
      },
      { timeoutMs: deps.timeoutMs ?? callTimeoutMs, bytesMax: answerBytesMax.graph },
      deps.signal,
    ).catch(async (error: unknown) => {
      await leave(0);
      throw error;
    });
    await leave(answer.status, answer.retryAfterMs);
    // The next attempt asks for a fresh token: this one may predate a role or be revoked.
    if (answer.status === 401 || answer.status === 403) tokens.drop(tenantId);
    if (answer.status < 200 || answer.status > 299) throw toGraphError(answer);
    return answer;
  }

  async function read<T extends z.ZodType>(call: GraphCall<T>): Promise<z.infer<T>> {
    const answer = await request(call);
    const parsed = call.answer.safeParse(answer.json);
    // A success that cannot be read may have done its work: treated like a lost answer.
    if (!parsed.success)
      throw new MicrosoftError("microsoft_unavailable", {
        status: answer.status,
        reason: "unreadable_answer",
      });
    return parsed.data;
  }

  /**
   * Asked for where every other call goes, whatever host it names: our token goes nowhere else, and behind a gateway
   * links name Graph's own host.
   */
  function pathOfPage(link: string): string {
    const url = URL.canParse(link) ? new URL(link) : undefined;
    if (url?.pathname.startsWith("/v1.0/")) return url.pathname.slice("/v1.0".length) + url.search;
    throw new MicrosoftError("microsoft_unavailable", { status: 200, reason: "unreadable_link" });
  }

  return {
    call: read,
    async list({ item, ...first }) {
      const answer = listOf(item);
      const followed = new Set<string>();
      let page = await read({ method: "GET", ...first, answer });
      const found = [...page.value];
      for (;;) {
        const next = page["@odata.nextLink"];
        // Links that lead back to themselves have been seen.
        if (next == null || followed.has(next) || followed.size >= pagesMax) return found;
        followed.add(next);
        page = await read({ method: "GET", path: pathOfPage(next), answer });
        found.push(...page.value);
      }
    },
    async send(call) {
      const { status } = await request(call);
      // Graph says 204 when it has done such a call; another success came from something in between.
      if (status !== 204)
        throw new MicrosoftError("microsoft_unavailable", { status, reason: "unexpected_success" });
    },
  };
}
