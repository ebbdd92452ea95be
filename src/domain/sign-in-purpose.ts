/**
 * What a sign-in is for. An application's is kept with the flow in the browser and with the code, so that the answer
 * goes where it was asked for and nowhere else.
 */
export type SignInPurpose = { readonly kind: "test" } | ApplicationPurpose;
export type ApplicationPurpose = HandoffPurpose | OidcPurpose;

interface ToApplication {
  readonly clientId: string;
  /** As it was registered and asked for, byte for byte. */
  readonly redirectUri: string;
  /** PKCE with S256 (RFC 7636). */
  readonly challenge?: string | undefined;
}

/** The platform's way: a code and the application's own nonce. */
export interface HandoffPurpose extends ToApplication {
  readonly kind: "handoff";
  /** `client_state_nonce` */
  readonly nonce: string;
}

/** OpenID Connect. */
export interface OidcPurpose extends ToApplication {
  readonly kind: "oidc";
  readonly state?: string | undefined;
  readonly nonce?: string | undefined;
  readonly scopes: readonly string[];
  /** The person must have proved who it is at this time or later; seconds since 1970. */
  readonly authenticatedSince?: number | undefined;
  /** The `sub` of the one person who may come. */
  readonly subject?: string | undefined;
}
