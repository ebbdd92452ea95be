import { expect, it } from "vitest";
import { clouds } from "../../../src/domain/clouds.ts";
import type { AppClientId, EntraTenantId } from "../../../src/domain/ids.ts";
import { buildSignInUrl, buildUsersConsentUrl } from "../../../src/entra/sign-in-url.ts";

const application = {
  entraTenantId: "11111111-2222-3333-4444-555555555555" as EntraTenantId,
  appId: "client" as AppClientId,
  redirectUri: "https://sso.example/callback?a=b&c=d",
};
// RFC 7636, appendix B.
const values = { state: "s", nonce: "n", verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk" };
const parameters = (url: string) => Object.fromEntries(new URL(url).searchParams);
const asked = {
  client_id: "client",
  response_type: "code",
  response_mode: "query",
  scope: "openid profile email",
  redirect_uri: application.redirectUri,
  state: "s",
  nonce: "n",
  code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
  code_challenge_method: "S256",
};

it("asks the connection's own directory, with PKCE", () => {
  const url = buildSignInUrl(clouds.usgov, application, values, {});
  expect(url.split("?")[0]).toBe(
    `https://login.microsoftonline.us/${application.entraTenantId}/oauth2/v2.0/authorize`,
  );
  expect(parameters(url)).toEqual(asked);
});

it("passes on the hints that it was given, and their text as it is", () => {
  const hints = {
    loginHint: "ada+x@b.example&prompt=none",
    domainHint: "b.example",
    prompt: "login",
  } as const;
  expect(parameters(buildSignInUrl(clouds.global, application, values, hints))).toEqual({
    ...asked,
    login_hint: hints.loginHint,
    domain_hint: hints.domainHint,
    prompt: hints.prompt,
  });
});

it("asks an administrator for all users of the application, in the cloud's own scope", () => {
  const url = buildUsersConsentUrl(clouds.china, application, "s");
  expect(url.split("?")[0]).toBe(
    `https://login.partner.microsoftonline.cn/${application.entraTenantId}/v2.0/adminconsent`,
  );
  expect(parameters(url)).toEqual({
    client_id: "client",
    scope: clouds.china.graphScope,
    redirect_uri: application.redirectUri,
    state: "s",
  });
});
