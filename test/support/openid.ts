import * as oidc from "openid-client";
import { Browser } from "../../src/embedded/browser.ts";
import { nextOf, notes, spa } from "./applications.ts";
import type { Product } from "./product.ts";
import { chooseUser, connectTenant } from "./sign-in.ts";

export type Query = Record<string, string>;
type Connected = Awaited<ReturnType<typeof connectTenant>>;

interface Asked {
  readonly verifier: string;
  readonly state: string;
  readonly nonce: string;
  readonly url: URL;
}

export type OidcDriver = Awaited<ReturnType<typeof createOidcDriver>>;

/** Drives stock clients against a product that has a live connection. */
export async function createOidcDriver(product: Product) {
  const contoso: Connected = await connectTenant(product);
  const [row] = await product.sql`select org_id from sso_connections where id = ${contoso.connection}`;
  const insecure = { execute: [oidc.allowInsecureRequests] };
  const issuer = new URL(product.origin);
  const client = await oidc.discovery(issuer, notes.clientId, notes.secret, undefined, insecure);
  const publicClient = await oidc.discovery(issuer, spa.clientId, undefined, oidc.None(), insecure);

  async function ask(query: Query = {}, who = { client, redirectUri: notes.otherUri }): Promise<Asked> {
    const [verifier, state, nonce] = [oidc.randomPKCECodeVerifier(), oidc.randomState(), oidc.randomNonce()];
    const url = oidc.buildAuthorizationUrl(who.client, {
      redirect_uri: who.redirectUri,
      scope: "openid profile email groups",
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      state,
      nonce,
      connection: contoso.connection,
      ...query,
    });
    return { verifier, state, nonce, url };
  }

  /** Signs a user in at Microsoft; gives the address that the application is called at. */
  async function answerOf(asked: Asked, browser = new Browser(), user = 1): Promise<URL> {
    const callback = await chooseUser(browser, contoso.tenant, await nextOf(browser, asked.url.href), user);
    return new URL(await nextOf(browser, callback));
  }

  const grant = (asked: Asked, answer: URL, who = client) =>
    oidc.authorizationCodeGrant(who, answer, {
      pkceCodeVerifier: asked.verifier,
      expectedState: asked.state,
      expectedNonce: asked.nonce,
      idTokenExpected: true,
    });

  return {
    contoso,
    org: row?.["org_id"] as string,
    client,
    publicClient,
    ask,
    answerOf,
    grant,
    signIn: async (query: Query = {}) => {
      const asked = await ask(query);
      return grant(asked, await answerOf(asked));
    },
    userinfo: (token: string) =>
      fetch(`${product.origin}/v1/auth/userinfo`, { headers: { authorization: `Bearer ${token}` } }),
    tokenCall: async (form: Query) => {
      const answer = await fetch(`${product.origin}/v1/auth/token`, {
        method: "POST",
        body: new URLSearchParams(form),
      });
      const body = (await answer.json()) as Record<string, unknown>;
      return { status: answer.status, headers: answer.headers, body };
    },
    /** A code with what its exchange takes. */
    codeForm: async (query: Query = {}): Promise<Query> => {
      const asked = await ask(query);
      const code = (await answerOf(asked)).searchParams.get("code") ?? "";
      return {
        grant_type: "authorization_code",
        code,
        redirect_uri: notes.otherUri,
        code_verifier: asked.verifier,
        client_id: notes.clientId,
        client_secret: notes.secret,
      };
    },
  };
}
