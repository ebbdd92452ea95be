import type { Application } from "./application.ts";
import type { Identity } from "./identity.ts";

export interface MintedToken {
  readonly accessToken: string;
  /** Seconds. */
  readonly expiresIn: number;
}

/**
 * Who mints what an application is handed at the exchange. The built-in one signs a token that says who signed in and
 * with which connection; it knows no memberships, so everybody is a member. The platform can put its own here.
 */
export interface TokenMint {
  mint(who: { identity: Identity; application: Application; sid: string }): Promise<MintedToken>;
}
