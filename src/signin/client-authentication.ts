import { isUtf8 } from "node:buffer";
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
 * Reads who asks. A secret that is given must be right, and there is one way of giving it in a call. An empty one is
 * none: some public clients send it.
 * @throws {CodedError} invalid_client, invalid_request
 */
export function readCaller(applications: Applications, given: ClientCredentials): Caller {
  const { authorization, clientId, clientSecret } = given;
  if (authorization !== undefined) return readBasicCaller(applications, authorization, given);
  if (clientId === undefined) {
    if (clientSecret !== undefined) throw new CodedError("invalid_client");
    return { kind: "unnamed" };
  }
  return callerOf(applications, [{ clientId, clientSecret: clientSecret ?? "" }]);
}

function readBasicCaller(
  applications: Applications,
  authorization: string,
  { clientId, clientSecret }: Omit<ClientCredentials, "authorization">,
): Caller {
  const readings = readBasic(applications, authorization);
  const meant = readings.filter((one) => clientId === undefined || one.clientId === clientId);
  if (clientSecret !== undefined || meant.length === 0)
    throw new CodedError("invalid_request", undefined, {
      errors: [{ path: "client_secret", reason: "is given in two ways; keep one" }],
    });
  return callerOf(applications, meant);
}

interface Reading {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** @throws {CodedError} invalid_client for a secret that is not the application's in any reading */
function callerOf(applications: Applications, readings: readonly Reading[]): Caller {
  for (const { clientId, clientSecret } of readings) {
    if (clientSecret === "") return { kind: "named", clientId };
    const application = applicationOf(applications, clientId);
    if (application && isSecretOf(application, clientSecret)) return { kind: "authenticated", application };
  }
  throw new CodedError("invalid_client");
}

function isSecretOf({ clientSecretSha256 }: Application, secret: string): boolean {
  const digest = createHash("sha256").update(secret).digest();
  return clientSecretSha256 !== undefined && timingSafeEqual(digest, clientSecretSha256);
}

/**
 * Both halves are to be form-encoded before they are joined, and half of all clients leave that out: a secret with `+`
 * or `%` in it reads in two ways then, and so does an id with `:`.
 * @throws {CodedError} invalid_client for what is no such header
 */
function readBasic(applications: Applications, authorization: string): readonly Reading[] {
  const encoded = /^Basic +([\w+/-]+=*) *$/i.exec(authorization)?.[1];
  const bytes = Buffer.from(encoded ?? "", "base64");
  // Before RFC 7617 it was Latin-1, and for some clients it still is.
  const text = bytes.toString(isUtf8(bytes) ? "utf8" : "latin1");
  const at = text.indexOf(":");
  if (at < 1) throw new CodedError("invalid_client");
  const asItIs = (id: string): Reading => ({ clientId: id, clientSecret: text.slice(id.length + 1) });
  const first = asItIs(text.slice(0, at));
  const [clientId, clientSecret] = [formDecoded(first.clientId), formDecoded(first.clientSecret)];
  return [
    ...(clientId === undefined || clientSecret === undefined ? [] : [{ clientId, clientSecret }]),
    first,
    ...applications.filter((one) => text.startsWith(`${one.clientId}:`)).map((one) => asItIs(one.clientId)),
  ];
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
