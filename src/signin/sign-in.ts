import { createHmac, timingSafeEqual } from "node:crypto";
import * as oidc from "openid-client";
import { z } from "zod";
import { CodedError } from "../domain/coded-error.ts";
import type { EntraCloud } from "../domain/clouds.ts";
import type { ErrorCode } from "../domain/error-codes.ts";
import type { MasterKeyring } from "../domain/master-keyring.ts";
import type { SsoConnection } from "../domain/sso-connection.ts";
import { toOidcFailure } from "../entra/oidc-failure.ts";
import { tenantConfiguration } from "../entra/tenant-configuration.ts";
import { storageContext } from "../sealing/contexts.ts";
import { open } from "../sealing/envelope.ts";

/** Who signed in. The identity is `tid` and `oid`; everything else is for display and may change. */
export interface SignedInUser {
  readonly connection_id: string;
  readonly org_id: string;
  readonly tid: string;
  readonly oid: string;
  readonly sub: string;
  readonly name: string;
  readonly email?: string;
  /** Microsoft says that the owner of the email's domain vouches for it (`xms_edov`). */
  readonly email_verified: boolean;
  /** Object ids, or null when Microsoft says there are too many to list. */
  readonly groups: readonly string[] | null;
  readonly groups_overage: boolean;
}

export interface SignIn {
  /** Where the browser goes, and the signed cookie value that ties the answer to this browser. */
  begin(connection: SsoConnection): Promise<{ url: string; flow: string }>;
  /** @throws {CodedError} signin_* */
  finish(connection: SsoConnection, flow: string, callback: URL): Promise<SignedInUser>;
}

const claimsSchema = z.object({
  tid: z.string(),
  oid: z.string(),
  sub: z.string(),
  ver: z.literal("2.0"),
  name: z.string().optional(),
  preferred_username: z.string().optional(),
  email: z.string().optional(),
  xms_edov: z.union([z.boolean(), z.number(), z.string()]).optional(),
  groups: z.array(z.string()).optional(),
  hasgroups: z.boolean().optional(),
  _claim_names: z.object({ groups: z.string().optional() }).optional(),
});
const flowSchema = z.object({ c: z.string(), s: z.string(), n: z.string(), v: z.string(), t: z.number() });
const flowLifetimeMs = 15 * 60_000;

const byAadsts: Readonly<Record<number, ErrorCode>> = {
  50105: "signin_not_assigned",
  65001: "signin_consent_required",
  90094: "signin_consent_required",
  90095: "signin_consent_required",
  7000215: "signin_secret_refused",
  7000222: "signin_secret_refused",
};

/** OIDC code flow with PKCE, state, nonce and verified signature; the sealed secret is opened here and nowhere else. */
export function createSignIn(deps: {
  cloud: EntraCloud;
  keyring: MasterKeyring;
  flowKey: Buffer;
  allowInsecure: boolean;
}): SignIn {
  const mac = (text: string): Buffer => createHmac("sha256", deps.flowKey).update(text).digest();

  function writeFlow(flow: z.infer<typeof flowSchema>): string {
    const body = Buffer.from(JSON.stringify(flow)).toString("base64url");
    return `${body}.${mac(body).toString("base64url")}`;
  }

  function readFlow(text: string, connection: SsoConnection): z.infer<typeof flowSchema> {
    const [body = "", tag = ""] = text.split(".");
    const given = Buffer.from(tag, "base64url");
    const expected = mac(body);
    if (given.length !== expected.length || !timingSafeEqual(given, expected))
      throw new CodedError("signin_state_invalid");
    const flow = flowSchema.parse(JSON.parse(Buffer.from(body, "base64url").toString("utf8")));
    if (flow.c !== connection.id || Date.now() - flow.t > flowLifetimeMs)
      throw new CodedError("signin_state_invalid");
    return flow;
  }

  const configurationOf = (connection: SsoConnection) => {
    const clientSecret = open(
      deps.keyring,
      "sso-secret",
      storageContext({ ...connection, connectionId: connection.id }),
      connection.sealedSecret,
    );
    return tenantConfiguration(
      { cloud: deps.cloud, clientId: connection.appId, clientSecret, allowInsecure: deps.allowInsecure },
      connection.entraTenantId,
    );
  };

  return {
    async begin(connection) {
      const flow = {
        c: connection.id,
        s: oidc.randomState(),
        n: oidc.randomNonce(),
        v: oidc.randomPKCECodeVerifier(),
        t: Date.now(),
      };
      const url = new URL(`/${connection.entraTenantId}/oauth2/v2.0/authorize`, deps.cloud.loginOrigin);
      url.search = new URLSearchParams({
        client_id: connection.appId,
        response_type: "code",
        response_mode: "query",
        scope: "openid profile email",
        redirect_uri: connection.redirectUri,
        state: flow.s,
        nonce: flow.n,
        code_challenge: await oidc.calculatePKCECodeChallenge(flow.v),
        code_challenge_method: "S256",
      }).toString();
      return { url: url.href, flow: writeFlow(flow) };
    },
    async finish(connection, flowText, callback) {
      const flow = readFlow(flowText, connection);
      const current = new URL(connection.redirectUri);
      current.search = callback.search;
      // Compared here first, so that a foreign error redirect cannot choose our answer.
      if (current.searchParams.get("state") !== flow.s) throw new CodedError("signin_state_invalid");
      const described = /AADSTS(\d+)/.exec(current.searchParams.get("error_description") ?? "")?.[1];
      if (current.searchParams.has("error"))
        throw new CodedError(byAadsts[Number(described)] ?? "signin_refused");
      try {
        const tokens = await oidc.authorizationCodeGrant(await configurationOf(connection), current, {
          expectedState: flow.s,
          expectedNonce: flow.n,
          pkceCodeVerifier: flow.v,
          idTokenExpected: true,
        });
        return toUser(connection, claimsSchema.parse(tokens.claims()));
      } catch (error) {
        throw asCoded(error);
      }
    },
  };
}

function toUser(connection: SsoConnection, claims: z.infer<typeof claimsSchema>): SignedInUser {
  if (claims.tid !== connection.entraTenantId) throw new CodedError("signin_token_invalid");
  // More than 200 groups: Microsoft sends a pointer, which means unknown and never "none".
  const overage = claims._claim_names?.groups !== undefined || claims.hasgroups === true;
  return {
    connection_id: connection.id,
    org_id: connection.orgId,
    tid: claims.tid,
    oid: claims.oid,
    sub: claims.sub,
    name: claims.name ?? claims.preferred_username ?? claims.oid,
    ...(claims.email === undefined ? {} : { email: claims.email }),
    email_verified: claims.email !== undefined && [true, 1, "1", "true"].includes(claims.xms_edov ?? false),
    groups: overage ? null : (claims.groups ?? []),
    groups_overage: overage,
  };
}

function asCoded(error: unknown): CodedError {
  if (error instanceof CodedError)
    return error.code === "microsoft_unavailable" ? new CodedError("signin_unavailable") : error;
  const failure = toOidcFailure(error);
  if (failure.kind === "unreachable") return new CodedError("signin_unavailable");
  if (failure.kind === "invalid") return new CodedError("signin_token_invalid");
  return new CodedError(
    byAadsts[failure.aadsts ?? 0] ??
      (failure.error === "invalid_client" ? "signin_secret_refused" : "signin_refused"),
  );
}
