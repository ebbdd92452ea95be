import { createCipheriv, createHash, randomBytes, randomUUID } from "node:crypto";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { acceptConsent } from "./click.mjs";

const redirectUri = "http://127.0.0.1:9/callback";
const graphScope = "https://graph.microsoft.com/.default";
const templateId = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621";

/** A table of its own for the script's one insert. */
export async function makeScriptTable(sql) {
  await sql`create table if not exists script_connections (id text primary key, tenant_id text not null,
    app_id text not null, key_id text not null, sealed_secret text not null, created_at timestamptz default now())`;
}

/** As the product's click: up to the code that Microsoft hands to the browser. */
export async function proveByScript(stack, clicker) {
  const verifier = randomBytes(32).toString("base64url");
  const nonce = randomBytes(16).toString("base64url");
  const consent = new URL("/organizations/v2.0/adminconsent", stack.simulatorOrigin);
  consent.search = new URLSearchParams({
    client_id: stack.provisioningApp.clientId,
    redirect_uri: redirectUri,
    scope: graphScope,
    state: "script",
  });
  await acceptConsent(clicker, consent.href);
  const authorize = new URL(`/${clicker.tenant.id}/oauth2/v2.0/authorize`, stack.simulatorOrigin);
  authorize.search = new URLSearchParams({
    client_id: stack.provisioningApp.clientId,
    response_type: "code",
    scope: "openid profile",
    redirect_uri: redirectUri,
    state: "script",
    nonce,
    prompt: "none",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  });
  const answer = await clicker.browser.request(authorize);
  const code = new URL(answer.headers.get("location")).searchParams.get("code");
  return { code, verifier, nonce };
}

/**
 * The same calls to Microsoft that a click makes from callback leg 2 on, one after the other and with no durability: no
 * intent is noted, nothing is taken up again, a crash loses the application and its secret.
 */
export async function finishByScript(stack, { tenant }, { code, verifier, nonce }) {
  const { clientId, clientSecret } = stack.provisioningApp;
  const base = `${stack.simulatorOrigin}/${tenant.id}`;
  const metadata = await call(`${base}/v2.0/.well-known/openid-configuration`);
  const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));
  const tokens = await form(metadata.token_endpoint, {
    grant_type: "authorization_code",
    client_id: clientId,
    client_secret: clientSecret,
    redirect_uri: redirectUri,
    code,
    code_verifier: verifier,
  });
  const { payload } = await jwtVerify(tokens.id_token, keys, { issuer: metadata.issuer, audience: clientId });
  if (payload.nonce !== nonce) throw new Error("the id_token is for another hop");
  const app = await form(metadata.token_endpoint, {
    grant_type: "client_credentials",
    client_id: clientId,
    client_secret: clientSecret,
    scope: graphScope,
  });
  const graph = (method, path, body) =>
    call(`${stack.simulatorOrigin}/v1.0${path}`, {
      method,
      headers: { authorization: `Bearer ${app.access_token}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const made = await graph("POST", `/applicationTemplates/${templateId}/instantiate`, {
    displayName: "Script",
  });
  await graph("PATCH", `/applications/${made.application.id}`, {
    displayName: "Script",
    web: { redirectUris: [redirectUri] },
    tags: ["script"],
  });
  await graph("PATCH", `/servicePrincipals/${made.servicePrincipal.id}`, {
    appRoleAssignmentRequired: false,
  });
  const { keyId, secretText } = await graph("POST", `/applications/${made.application.id}/addPassword`, {
    passwordCredential: { displayName: "script" },
  });
  await form(metadata.token_endpoint, {
    grant_type: "client_credentials",
    client_id: made.application.appId,
    client_secret: secretText,
    scope: graphScope,
  });
  await stack.sql`insert into script_connections ${stack.sql({
    id: randomUUID(),
    tenant_id: tenant.id,
    app_id: made.application.appId,
    key_id: keyId,
    sealed_secret: sealed(secretText),
  })}`;
}

function sealed(secret) {
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", randomBytes(32), iv);
  return Buffer.concat([iv, cipher.update(secret), cipher.final(), cipher.getAuthTag()]).toString(
    "base64url",
  );
}

function form(url, fields) {
  return call(url, { method: "POST", body: new URLSearchParams(fields) });
}

async function call(url, init) {
  const answer = await fetch(url, init);
  if (!answer.ok) throw new Error(`${new URL(url).pathname} answered ${answer.status}`);
  return answer.status === 204 ? undefined : answer.json();
}
