import { createHash, randomBytes } from "node:crypto";
import { Browser } from "../../dist/embedded/browser.js";

const newSecret = () => randomBytes(32).toString("base64url");

/** Signs people in to one application with one connection, each in a browser of their own. */
export function createSignInDriver(stack, { application, clicker, connectionId }) {
  const authorization = `Basic ${Buffer.from(`${application.clientId}:${application.secret}`).toString("base64")}`;

  /** What the application's link asks for. */
  function begin(kind, verifier, nonce) {
    const challenge = createHash("sha256").update(verifier).digest("base64url");
    const pkce = { code_challenge: challenge, code_challenge_method: "S256" };
    const asked = { redirect_uri: application.redirectUri, ...pkce };
    if (kind === "handoff")
      return address(`/v1/sso/connections/${connectionId}/initiate`, {
        ...asked,
        project_id: stack.environment.AUTHIO_PROJECT_ID,
        client_state_nonce: nonce,
      });
    return address("/v1/auth/authorize", {
      ...asked,
      client_id: application.clientId,
      response_type: "code",
      scope: "openid profile email groups",
      state: nonce,
      connection: connectionId,
    });
  }

  function address(route, query) {
    const url = new URL(route, stack.origin);
    url.search = new URLSearchParams(query).toString();
    return url.href;
  }

  return {
    /** Everything up to the callback that Microsoft sends the browser to. */
    async answerOf(kind) {
      const [browser, verifier, nonce] = [new Browser(), newSecret(), newSecret()];
      const microsoft = locationOf(await browser.request(begin(kind, verifier, nonce)));
      const user = clicker.tenant.users[1].id;
      const body = new URLSearchParams({ user, decision: "accept" });
      const callback = locationOf(await browser.request(microsoft, { method: "POST", body }));
      return { kind, browser, verifier, nonce, callback };
    },
    /** From there until the application holds who it is. */
    async finish({ kind, browser, verifier, nonce, callback }) {
      const end = new URL(locationOf(await browser.request(callback)));
      const code = end.searchParams.get("code");
      if (code === null) throw new Error(`ended with ${end.searchParams.get("error") ?? end.pathname}`);
      const body = { code, redirect_uri: application.redirectUri, code_verifier: verifier };
      const answer =
        kind === "handoff"
          ? await fetch(`${stack.origin}/v1/auth/session-handoff/exchange`, {
              method: "POST",
              headers: { authorization, "content-type": "application/json" },
              body: JSON.stringify({ ...body, client_state_nonce: nonce }),
            })
          : await fetch(`${stack.origin}/v1/auth/token`, {
              method: "POST",
              headers: { authorization },
              body: new URLSearchParams({ ...body, grant_type: "authorization_code" }),
            });
      if (!answer.ok) throw new Error(`the exchange answered ${answer.status}`);
      return answer.json();
    },
    /** Of the provisioning app, at the same endpoint, with a signed token in its answer too. */
    async tokenCall() {
      const { clientId, clientSecret } = stack.provisioningApp;
      const answer = await fetch(`${stack.simulatorOrigin}/${clicker.tenant.id}/oauth2/v2.0/token`, {
        method: "POST",
        body: new URLSearchParams({
          grant_type: "client_credentials",
          client_id: clientId,
          client_secret: clientSecret,
          scope: "https://graph.microsoft.com/.default",
        }),
      });
      if (!answer.ok) throw new Error(`the token endpoint answered ${answer.status}`);
      return answer.json();
    },
  };
}

function locationOf(answer) {
  const location = answer.headers.get("location");
  if (location === null) throw new Error(`${new URL(answer.url).pathname} answered ${answer.status}`);
  return new URL(location, answer.url).href;
}
