import { createHash } from "node:crypto";
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { SignInHop } from "../../signin/sign-in.ts";
import { flowLifetimeMs } from "../../signin/sign-in-flow.ts";
import type { AppEnv } from "../app-env.ts";

/** Each sign-in has a cookie of its own, named by its state, so that tabs do not disturb each other. */
const cookiePrefix = "__Host-authio_sso_flow_";
/** Not every name that a browser could send is one that a cookie can be set, and so deleted, by. */
const cookieName = /^__Host-authio_sso_flow_[\w-]*$/;
/** A browser sends them all with each request, so they must not grow without end. */
const flowsMax = 8;
/** All of them, names included: load balancers take 16 KiB of a header line, and other cookies stand in it too. */
const charactersMax = 12_000;
const attributes = { secure: true, path: "/" } as const;

const nameOf = (state: string): string =>
  cookiePrefix + createHash("sha256").update(state).digest("hex").slice(0, 16);

/** Plants the flow of a hop; drops what has ended, and the oldest beyond eight or beyond what a request may carry. */
export function plantFlow(
  c: Context<AppEnv>,
  hop: SignInHop,
  startedMs: (flow: string) => number | undefined,
): void {
  const others = Object.entries(getCookie(c))
    .filter(([name]) => cookieName.test(name))
    .map(([name, flow]) => ({
      name,
      startedMs: startedMs(flow) ?? 0,
      characters: charactersOf(name, flow),
    }))
    .toSorted((a, b) => b.startedMs - a.startedMs);
  let room = charactersMax - charactersOf(nameOf(hop.state), hop.flow);
  for (const [index, other] of others.entries()) {
    room -= other.characters;
    if (other.startedMs === 0 || index >= flowsMax - 1 || room < 0) deleteCookie(c, other.name, attributes);
  }
  setCookie(c, nameOf(hop.state), hop.flow, {
    ...attributes,
    httpOnly: true,
    sameSite: "Lax",
    maxAge: flowLifetimeMs / 1000,
  });
}

/** In a header, with what stands between two of them. */
const charactersOf = (name: string, value: string): number => name.length + value.length + "=; ".length;

/** The flow that an answer with this state belongs to in this browser. */
export const flowOf = (c: Context<AppEnv>, state: string): string | undefined => getCookie(c, nameOf(state));

/** Ends it in this browser. The others stay. */
export const dropFlow = (c: Context<AppEnv>, state: string): void =>
  void deleteCookie(c, nameOf(state), attributes);
