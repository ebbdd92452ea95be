import { type Application, type Applications, applicationOf } from "../domain/application.ts";
import { CodedError } from "../domain/coded-error.ts";
import type { ApplicationPurpose } from "../domain/sign-in-purpose.ts";
import { type Caller, type ClientCredentials, isVerifierOf, readCaller } from "./client-authentication.ts";
import type { CodeStore, SpentGrant } from "./code-store.ts";

/** A code as an application brings it back. */
export interface BroughtCode {
  readonly code: string;
  readonly redirectUri: string;
  readonly verifier: string | undefined;
  readonly credentials: ClientCredentials;
}

export type Spent<K extends ApplicationPurpose["kind"]> = SpentGrant & {
  readonly application: Application;
  readonly purpose: Extract<ApplicationPurpose, { kind: K }>;
};

/**
 * Spends a code, right or wrong, and checks that it is with the application that it was given to: by its secret, by the
 * verifier of its challenge, or by neither where its entry says so for the platform's way.
 * @throws {CodedError} invalid_grant, invalid_client
 */
export async function spendFor<K extends ApplicationPurpose["kind"]>(
  deps: { codes: CodeStore; applications: Applications },
  kind: K,
  brought: BroughtCode,
): Promise<Spent<K>> {
  const spent = await deps.codes.spend(brought.code);
  // A wrong secret is told, but it has spent the code too.
  const caller = readCaller(deps.applications, brought.credentials);
  if (!spent) throw new CodedError("invalid_grant");
  const { purpose, identity } = spent.grant;
  const application = applicationOf(deps.applications, purpose.clientId);
  const isMeant =
    purpose.kind === kind &&
    purpose.redirectUri === brought.redirectUri &&
    application?.projectId === identity.project_id &&
    application.redirectUris.includes(purpose.redirectUri) &&
    isCaller(caller, application);
  if (!isMeant) throw new CodedError("invalid_grant");
  requireVerifier(purpose.challenge, brought.verifier);
  const isProved = caller.kind === "authenticated" || isPublicAndProved(application, purpose.challenge);
  if (!isProved && !(kind === "handoff" && application.isBareHandoff)) throw new CodedError("invalid_client");
  return { ...spent, application, purpose: purpose as Spent<K>["purpose"] };
}

function isCaller(caller: Caller, { clientId }: Application): boolean {
  if (caller.kind === "authenticated") return caller.application.clientId === clientId;
  return caller.kind === "unnamed" || caller.clientId === clientId;
}

/** A verifier where none was announced says that somebody else began (RFC 9700 section 2.1.1). */
function requireVerifier(challenge: string | undefined, verifier: string | undefined): void {
  const isRight =
    challenge === undefined
      ? verifier === undefined
      : verifier !== undefined && isVerifierOf(challenge, verifier);
  if (!isRight) throw new CodedError("invalid_grant");
}

/** The verifier was checked by then. */
function isPublicAndProved(application: Application, challenge: string | undefined): boolean {
  return application.clientSecretSha256 === undefined && challenge !== undefined;
}
