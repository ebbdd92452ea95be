/** How real the simulator behaves; all times in ms. Everything is off by default: answers at once, no lag. */
export interface Realism {
  /** Added to each call. */
  readonly latencyMs: number;
  /** How long after its creation an object stays invisible to reads and writes by id. */
  readonly applicationLagMs: number;
  readonly servicePrincipalLagMs: number;
  /** How long lists and filters stay behind. */
  readonly listLagMs: number;
  /** How long a new credential stays out of the application's reads. */
  readonly credentialLagMs: number;
  /** How long a deleted application stays visible. */
  readonly deletionLagMs: number;
  /** How long after consent app-only tokens carry no roles. */
  readonly roleLagMs: number;
  /**
   * How long after the consent, and after an application's creation, Graph refuses our app although its tokens carry
   * the roles: permissions and ownership spread slowly.
   */
  readonly permissionLagMs: number;
  /** How long after its creation a secret is refused at the token endpoint. */
  readonly secretLagMs: number;
  /** A policy: longest life of a secret in days; 0 forbids secrets. */
  readonly secretLifetimeMaxDays: number | null;
  /** Application roles that the provisioning app was granted. */
  readonly appRoles: readonly string[];
  /** Users of an application nobody consented to meet Microsoft's consent prompt. */
  readonly consentPrompts: boolean;
  /** Users are in too many groups to list. */
  readonly groupsOverage: boolean;
  /** What is wrong with the id_tokens, to see them refused. */
  readonly idTokenFlaw:
    | "none"
    | "signature"
    | "algorithm"
    | "audience"
    | "issuer"
    | "nonce"
    | "expired"
    | "tenant"
    | "party"
    | "key";
  /** The customer's applications have signing keys of their own, as they do where claims are mapped. */
  readonly ownSigningKeys: boolean;
  /** Put into each id_token in place of what it would say; null included, undefined leaves a claim out. */
  readonly idTokenClaims: Readonly<Record<string, unknown>>;
  /** What answers carry behind the state, as has been seen: the title of Microsoft's page. */
  readonly titleInState: string;
  /** Codes are made at least this long. */
  readonly codeCharacters: number;
}

export const noRealism: Realism = {
  latencyMs: 0,
  applicationLagMs: 0,
  servicePrincipalLagMs: 0,
  listLagMs: 0,
  credentialLagMs: 0,
  deletionLagMs: 0,
  roleLagMs: 0,
  permissionLagMs: 0,
  secretLagMs: 0,
  secretLifetimeMaxDays: null,
  appRoles: ["Application.ReadWrite.All"],
  consentPrompts: false,
  groupsOverage: false,
  idTokenFlaw: "none",
  ownSigningKeys: false,
  idTokenClaims: {},
  titleInState: "",
  codeCharacters: 32,
};

/** Calls to Graph. */
export const graphCalls = [
  "instantiate",
  "getApplication",
  "listFederated",
  "removeFederated",
  "listApplications",
  "patchApplication",
  "deleteApplication",
  "restoreDeleted",
  "addPassword",
  "removePassword",
  "listServicePrincipals",
  "getServicePrincipal",
  "createServicePrincipal",
  "patchServicePrincipal",
  "removePrincipalPassword",
  "deleteServicePrincipal",
  "listGrants",
  "createGrant",
] as const;

/** The calls that faults can be aimed at. */
export type SimulatedCall = "discovery" | "keys" | "authorize" | "token" | (typeof graphCalls)[number];

/** What goes wrong. `after` does the work first and then lies or hangs up. */
export type FaultKind =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly code?: string;
      /** For the login host's calls, whose errors have OAuth's shape. */
      readonly aadsts?: number;
      /** As it is sent, whatever it holds; a repeated header is one of values joined by a comma. */
      readonly retryAfter?: string;
      readonly after?: boolean;
    }
  /** An OAuth error with as many numbers as wanted: a redirect at `authorize`, a JSON body elsewhere. */
  | {
      readonly kind: "oauth";
      readonly error: string;
      readonly status?: number;
      readonly numbers?: readonly number[];
      readonly text?: string;
    }
  /** Of the key endpoint: what it answered before the last rotation. */
  | { readonly kind: "stale" }
  | { readonly kind: "html"; readonly status: number }
  | { readonly kind: "empty"; readonly status: number }
  | { readonly kind: "truncate" }
  /** Success in a shape that nobody expects. */
  | { readonly kind: "shape" }
  /** Of a list: an empty page before what it holds, or before itself and so on for ever; the next may be said to be elsewhere. */
  | { readonly kind: "page"; readonly isRound?: true; readonly elsewhere?: string }
  /** 65 KB that unpack to 64 MB. */
  | { readonly kind: "long"; readonly status: number }
  /** Headers and half of the body, then the connection is cut. */
  | { readonly kind: "cut" }
  /** One byte after the other, for longer than anybody waits. */
  | { readonly kind: "drip" }
  | { readonly kind: "redirect" }
  | { readonly kind: "drop"; readonly after?: boolean }
  | { readonly kind: "hang" };

/** A fault on the calls number `from` to `from + times - 1` of that name, counted from 1 since it was set. */
export type Fault = FaultKind & {
  readonly call: SimulatedCall;
  readonly from?: number;
  readonly times?: number;
  /** Only calls for this tenant, so that many cases can run beside each other. */
  readonly tenantId?: string;
  /** Of the token endpoint: only calls of the provisioning app, or of a connection. */
  readonly of?: "provisioning" | "connection";
};

/** Tests that must act at an exact moment: before a call's work, after it, and after its answer has left. */
export type CallPhase = "before" | "applied" | "answered";
export type CallHook = (call: SimulatedCall, phase: CallPhase, tenantId: string) => Promise<"go on" | "cut">;

export interface SimulatorOptions {
  readonly provisioningApp: { readonly clientId: string; readonly clientSecret: string };
  readonly realism?: Partial<Realism>;
  /** Where tenants and applications are kept between starts; absent keeps them in memory. */
  readonly dataFile?: string | undefined;
}
