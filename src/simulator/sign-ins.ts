import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import type { SimulatedTenant, SimulatedUser } from "./directory.ts";
import type { SimulatorEnv, World } from "./world.ts";

const sessionCookie = "sim_session";

interface MicrosoftSession {
  readonly userId: string;
  readonly sinceMs: number;
}

function sessionOf(c: Context<SimulatorEnv>): MicrosoftSession | undefined {
  const [userId, since] = (getCookie(c, sessionCookie) ?? "").split(".");
  return userId && since ? { userId, sinceMs: Number(since) } : undefined;
}

/** Who is signed in to the simulated Microsoft in this browser. */
export function signedInUser(c: Context<SimulatorEnv>, world: World): SimulatedUser | undefined {
  const id = sessionOf(c)?.userId;
  return world.tenants.flatMap(({ users }) => users).find((user) => user.id === id);
}

/** The person just proved who it is. Gives when, which goes into tokens as `auth_time`. */
export function signInAs(c: Context<SimulatorEnv>, user: SimulatedUser): number {
  const nowMs = Date.now();
  setCookie(c, sessionCookie, `${user.id}.${nowMs}`, { httpOnly: true, sameSite: "Lax", path: "/" });
  return nowMs;
}

/** When the person who is signed in proved who it is. */
export const signedInMs = (c: Context<SimulatorEnv>): number => sessionOf(c)?.sinceMs ?? Date.now();

/** An authorization code, until it is redeemed or ten minutes old. */
export interface IssuedCode {
  readonly tenant: SimulatedTenant;
  readonly user: SimulatedUser;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly nonce: string | undefined;
  readonly challenge: string | undefined;
  readonly authTimeMs: number;
  readonly expiresMs: number;
}
export type IssuedCodes = Map<string, IssuedCode>;
export const codeLifetimeMs = 10 * 60_000;
