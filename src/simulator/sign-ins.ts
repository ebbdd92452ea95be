import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import type { SimulatedTenant, SimulatedUser } from "./directory.ts";
import type { SimulatorEnv, World } from "./world.ts";

const sessionCookie = "sim_session";

/** Who is signed in to the simulated Microsoft in this browser. */
export function signedInUser(c: Context<SimulatorEnv>, world: World): SimulatedUser | undefined {
  const id = getCookie(c, sessionCookie);
  return world.tenants.flatMap(({ users }) => users).find((user) => user.id === id);
}

export function signInAs(c: Context<SimulatorEnv>, user: SimulatedUser): void {
  setCookie(c, sessionCookie, user.id, { httpOnly: true, sameSite: "Lax", path: "/" });
}

/** An authorization code, until it is redeemed or ten minutes old. */
export interface IssuedCode {
  readonly tenant: SimulatedTenant;
  readonly user: SimulatedUser;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly nonce: string | undefined;
  readonly challenge: string | undefined;
  readonly expiresMs: number;
}
export type IssuedCodes = Map<string, IssuedCode>;
export const codeLifetimeMs = 10 * 60_000;
