import { createHash, timingSafeEqual } from "node:crypto";
import { type Application, type Applications, applicationOf } from "../domain/application.ts";
import { CodedError } from "../domain/coded-error.ts";

/** What a call says of who makes it (RFC 6749 section 2.3.1). */
export interface ClientCredentials {
  readonly authorization: string | undefined;
  readonly clientId: string | undefined;
  readonly clientSecret: string | undefined;
}

/** Who asks: shown by its secret, or only named. */
export type Caller =
  | { readonly kind: "authenticated"; readonly application: Application }
  | { readonly kind: "named"; readonly clientId: string }
  | { readonly kind: "unnamed" };

/**
 * Reads who asks. A secret that is given must be right, and there is one way of giving it in a call.
 * @throws {CodedError} invalid_client, invalid_request
 */
export function readCaller(applications: Applications, given: ClientCredentials): Caller {
  const basic = given.authorization === undefined ? undefined : readBasic(given.authorization);
  if (basic && (given.clientSecret !== undefined || (given.clientId ?? basic.clientId) !== basic.clientId))
    throw new CodedError("invalid_request", undefined, {
      errors: [{ path: "client_secret", reason: "is given in two ways; keep one" }],
    });
  const clientId = basic?.clientId ?? given.clientId;
  const clientSecret = basic?.clientSecret ?? given.clientSecret;
  if (clientId === undefined) {
    if (clientSecret !== undefined) throw new CodedError("invalid_client");
    return { kind: "unnamed" };
  }
  if (clientSecret === undefined || (clientSecret === "" && !basic)) return { kind: "named", clientId };
  const application = applicationOf(applications, clientId);
  if (!application || !isSecretOf(application, clientSecret)) throw new CodedError("invalid_client");
  return { kind: "authenticated", application };
}

function isSecretOf({ clientSecretSha256 }: Application, secret: string): boolean {
  const digest = createHash("sha256").update(secret).digest();
  return clientSecretSha256 !== undefined && timingSafeEqual(digest, clientSecretSha256);
}

/** Both halves are form-encoded before they are joined. */
function readBasic(authorization: string): { clientId: string; clientSecret: string } {
  const encoded = /^Basic ([\w+/-]+=*)$/i.exec(authorization)?.[1];
  const text = Buffer.from(encoded ?? "", "base64").toString("utf8");
  const at = text.indexOf(":");
  const [clientId, clientSecret] = [formDecoded(text.slice(0, at)), formDecoded(text.slice(at + 1))];
  if (at < 1 || clientId === undefined || clientSecret === undefined) throw new CodedError("invalid_client");
  return { clientId, clientSecret };
}

function formDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return undefined;
  }
}

/** PKCE with S256 (RFC 7636 section 4.6). */
export function isVerifierOf(challenge: string, verifier: string): boolean {
  return isSame(createHash("sha256").update(verifier).digest("base64url"), challenge);
}

export function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
