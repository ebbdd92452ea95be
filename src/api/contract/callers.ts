import type { ErrorCode } from "../../domain/error-codes.ts";
import type { CallerKind, Route } from "./route.ts";

/** OpenAPI's security requirements: one of the list is enough. */
type Requirement = Readonly<Record<string, readonly string[]>>;

interface CallerFacts {
  /** In words, for the reader. */
  readonly who: string;
  readonly security: readonly Requirement[];
  readonly refusals: readonly ErrorCode[];
  /** Told on changing methods only. */
  readonly changing: readonly ErrorCode[];
}

const sessionRefusals = [
  "no_session",
  "widget_token_not_allowed_here",
  "machine_token_not_allowed",
  "organization_not_found",
] as const;
const sessionChanging = ["cross_site_refused", "impersonation_not_allowed"] as const;
const sessions = [{ sessionBearer: [] }, { sessionCookie: [] }];

/** A caller without an entry does not compile. */
export const callers: { readonly [K in CallerKind]: CallerFacts } = {
  member: {
    who: "any member of the organization",
    security: sessions,
    refusals: sessionRefusals,
    changing: sessionChanging,
  },
  admin: {
    who: "an owner or admin of the organization",
    security: sessions,
    refusals: [...sessionRefusals, "insufficient_role"],
    changing: sessionChanging,
  },
  operator: {
    who: "an operator of this service",
    security: [{ operatorToken: [] }],
    // Without any operator token configured these routes are not there.
    refusals: ["unauthenticated", "not_found"],
    changing: [],
  },
  client: {
    who: "an application; one without a secret shows a PKCE verifier instead",
    security: [{ clientBasic: [] }, {}],
    refusals: [],
    changing: [],
  },
  token: {
    who: "the holder of an access token of the token endpoint",
    security: [{ accessToken: [] }],
    refusals: [],
    changing: [],
  },
  browser: { who: "a person's browser", security: [], refusals: [], changing: [] },
  anybody: { who: "anybody", security: [], refusals: [], changing: [] },
};

/** Met anywhere: Postgres is away, or nobody foresaw it. */
const everywhere = ["service_unavailable", "internal"] as const;

/** Every code that the route may answer a method with, each once. */
export function refusalsOf(route: Route, method: Route["methods"][number]): readonly ErrorCode[] {
  const { refusals, changing } = callers[route.caller];
  const changes = method !== "get";
  const takesInput = route.body !== undefined || route.query !== undefined;
  return [
    ...new Set<ErrorCode>([
      ...refusals,
      ...(changes ? [...changing, "body_too_large" as const] : []),
      ...(takesInput ? ["invalid_request" as const] : []),
      ...route.refusals,
      ...everywhere,
    ]),
  ];
}

/** The security schemes that the requirements name. */
export function securitySchemes(
  sessionCookie: string,
): Readonly<Record<string, Readonly<Record<string, string>>>> {
  return {
    sessionBearer: {
      type: "http",
      scheme: "bearer",
      bearerFormat: "JWT",
      description: "A dashboard session of the platform, with the organization of the path chosen.",
    },
    sessionCookie: {
      type: "apiKey",
      in: "cookie",
      name: sessionCookie,
      description: "The same session as a cookie; a changing call must then come from an own origin.",
    },
    operatorToken: {
      type: "http",
      scheme: "bearer",
      description: "A token whose SHA-256 stands in AUTHIO_OPERATOR_TOKENS.",
    },
    clientBasic: {
      type: "http",
      scheme: "basic",
      description: "An application's client id and secret, each form-encoded (RFC 6749 section 2.3.1).",
    },
    accessToken: {
      type: "http",
      scheme: "bearer",
      description:
        "The access token of the token endpoint; a form field `access_token` of a POST is taken too.",
    },
  };
}
