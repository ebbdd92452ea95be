import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Context } from "hono";
import { unreachable } from "../domain/unreachable.ts";
import { domainsOf, type SimulatedTenant, newTenant } from "./directory.ts";
import {
  type CallHook,
  type Fault,
  noRealism,
  type Realism,
  type SimulatedCall,
  type SimulatorOptions,
} from "./options.ts";

export type SimulatorEnv = { Bindings: HttpBindings };

/** What a call does; some faults are for the call itself to act out. */
type Work = (fault?: Fault) => Response | Promise<Response>;

export interface LoggedCall {
  readonly call: SimulatedCall;
  readonly tenantId: string;
  readonly at: string;
  /** What the caller wrote; never a secret. */
  readonly body?: unknown;
  /** The answer's status; absent while it is under way, 0 when the connection was cut. */
  status?: number;
}

/** The simulated cloud and its knobs. */
export class World {
  readonly provisioningApp: SimulatorOptions["provisioningApp"];
  readonly tenants: SimulatedTenant[];
  readonly calls: LoggedCall[] = [];
  realism: Realism;
  hook: CallHook | undefined;
  #faults: { fault: Fault; seen: number }[] = [];

  constructor(options: SimulatorOptions & { tenants?: readonly SimulatedTenant[] | undefined }) {
    this.provisioningApp = options.provisioningApp;
    this.realism = { ...noRealism, ...options.realism };
    this.tenants = options.tenants?.slice() ?? [newTenant("Contoso", "c0ffee00-1111-4222-8333-444455556666")];
  }

  tenant(id: string): SimulatedTenant | undefined {
    return this.tenants.find((tenant) => tenant.id === id.toLowerCase());
  }

  /** By id, or by a verified domain. */
  tenantNamed(name: string): SimulatedTenant | undefined {
    return this.tenant(name) ?? this.tenants.find((tenant) => domainsOf(tenant).includes(name.toLowerCase()));
  }

  setFaults(faults: readonly Fault[]): void {
    this.#faults = faults.map((fault) => ({ fault, seen: 0 }));
  }

  /** Runs one call under the faults and delays that are set for it. */
  async serve(
    c: Context<SimulatorEnv>,
    logged: Omit<LoggedCall, "at" | "status">,
    work: Work,
  ): Promise<Response> {
    const entry: LoggedCall = { ...logged, at: new Date().toISOString() };
    const { call, tenantId } = logged;
    this.calls.push(entry);
    if (this.calls.length > 10_000) this.calls.shift();
    const cut = (): Response => {
      entry.status = 0;
      c.env.outgoing.destroy();
      return new Response();
    };
    if ((await this.hook?.(call, "before", tenantId)) === "cut") return cut();
    const answer = await this.#answer(c, logged, work);
    if ((await this.hook?.(call, "applied", tenantId)) === "cut") return cut();
    if (answer !== RESPONSE_ALREADY_SENT) answer.headers.set("request-id", crypto.randomUUID());
    entry.status = c.env.outgoing.destroyed ? 0 : answer.status;
    const { hook } = this;
    if (hook) c.env.outgoing.once("finish", () => void hook(call, "answered", tenantId));
    return answer;
  }

  async #answer(
    c: Context<SimulatorEnv>,
    logged: Omit<LoggedCall, "at" | "status">,
    work: Work,
  ): Promise<Response> {
    if (this.realism.latencyMs > 0) await sleep(this.realism.latencyMs);
    const fault = this.#nextFault(logged);
    if (!fault) return work();
    switch (fault.kind) {
      case "answer": {
        if (fault.after) await work();
        const { status, aadsts, code, retryAfter } = fault;
        const text = "A fault was set for this call.";
        const refusal =
          aadsts === undefined
            ? graphError(status, code ?? "simulatedFault", text)
            : oauthError(status, code ?? "invalid_request", aadsts, text);
        if (retryAfter !== undefined) refusal.headers.set("retry-after", retryAfter);
        return refusal;
      }
      case "oauth":
        return logged.call === "authorize"
          ? work(fault)
          : oauthError(
              fault.status ?? 400,
              fault.error,
              fault.numbers ?? [],
              fault.text ?? "A fault was set.",
            );
      case "stale":
        return work(fault);
      case "html":
        return new Response("<html><body>Bad gateway</body></html>", {
          status: fault.status,
          headers: { "content-type": "text/html" },
        });
      case "empty":
        return new Response("", { status: fault.status, headers: { "content-type": "application/json" } });
      case "truncate": {
        const text = await (await work()).text();
        return new Response(text.slice(0, text.length / 2), {
          headers: { "content-type": "application/json" },
        });
      }
      case "shape":
        return Response.json({ unexpected: [true] });
      case "page": {
        const link = new URL(c.req.url);
        if (link.searchParams.has("$skiptoken") && !fault.isRound) return work();
        link.searchParams.set("$skiptoken", "RFNwdAIAAQ");
        if (fault.elsewhere !== undefined) link.host = fault.elsewhere;
        return Response.json({ value: [], "@odata.nextLink": link.href });
      }
      case "long":
        return new Response(longBody(), {
          status: fault.status,
          headers: { "content-type": "application/json", "content-encoding": "gzip" },
        });
      case "cut": {
        const answer = await work();
        const text = (await answer.text()) || "{}";
        c.env.outgoing.writeHead(answer.status === 204 ? 200 : answer.status, {
          "content-type": "application/json",
          "content-length": String(Buffer.byteLength(text)),
        });
        c.env.outgoing.write(text.slice(0, text.length / 2), () => c.env.outgoing.destroy());
        return RESPONSE_ALREADY_SENT;
      }
      case "drip": {
        const body = new ReadableStream({
          async pull(controller) {
            await sleep(100);
            controller.enqueue(new TextEncoder().encode(" "));
          },
        });
        return new Response(body, { headers: { "content-type": "application/json" } });
      }
      case "redirect":
        return new Response(null, {
          status: 302,
          headers: { location: "https://elsewhere.example/v1.0/applications" },
        });
      case "drop":
        if (fault.after) await work();
        c.env.outgoing.destroy();
        return new Response();
      case "hang":
        await new Promise((resolve) => c.env.incoming.once("close", resolve));
        return new Response();
      default:
        return unreachable(fault);
    }
  }

  /** Adds faults for one tenant, or takes those away. */
  setTenantFaults(tenantId: string, faults: readonly Fault[]): void {
    this.#faults = [
      ...this.#faults.filter(({ fault }) => fault.tenantId !== tenantId),
      ...faults.map((fault) => ({ fault: { ...fault, tenantId }, seen: 0 })),
    ];
  }

  #nextFault({ call, tenantId, body }: Pick<LoggedCall, "call" | "tenantId" | "body">): Fault | undefined {
    const { client_id: clientId } = (body ?? {}) as { client_id?: string };
    const caller = clientId === this.provisioningApp.clientId ? "provisioning" : "connection";
    let hit: Fault | undefined;
    for (const entry of this.#faults) {
      const { fault } = entry;
      if (fault.call !== call || (fault.tenantId ?? tenantId) !== tenantId) continue;
      if ((fault.of ?? caller) !== caller) continue;
      entry.seen += 1;
      const from = entry.fault.from ?? 1;
      if (!hit && entry.seen >= from && entry.seen < from + (entry.fault.times ?? 1)) hit = entry.fault;
    }
    return hit;
  }
}

let packed: Buffer<ArrayBuffer> | undefined;
/** A JSON text of 64 MB of spaces, gzipped; made once. */
function longBody(): Buffer<ArrayBuffer> {
  packed ??= gzipSync(Buffer.concat([Buffer.alloc(64 * 1024 * 1024, " "), Buffer.from("{}")]));
  return packed;
}

/** Graph's error body; the date has no zone there, as in real answers. */
export function graphError(status: number, code: string, message: string): Response {
  const innerError = {
    date: new Date().toISOString().slice(0, 19),
    "request-id": crypto.randomUUID(),
    "client-request-id": crypto.randomUUID(),
  };
  return Response.json({ error: { code, message, innerError } }, { status });
}

export function answeredState({ realism }: World, state = ""): string {
  return state + realism.titleInState;
}

/** The token endpoint's error body. */
export function oauthError(
  status: number,
  error: string,
  aadsts: number | readonly number[],
  text: string,
): Response {
  const numbers = [aadsts].flat();
  const described = describeOAuthError(numbers, text);
  return Response.json({ error, error_codes: numbers, ...described }, { status });
}

/** Microsoft's sentences, with its ids and the time behind them. */
export function describeOAuthError(numbers: readonly number[], text: string) {
  const [trace, correlation] = [crypto.randomUUID(), crypto.randomUUID()];
  const timestamp = `${new Date().toISOString().slice(0, 19).replace("T", " ")}Z`;
  const named = [...numbers.map((number) => `AADSTS${number}: `), text].join("");
  return {
    error_description: `${named} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`,
    timestamp,
    trace_id: trace,
    correlation_id: correlation,
  };
}
