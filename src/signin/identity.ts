import { CodedError } from "../domain/coded-error.ts";
import type { Authentication, Identity } from "../domain/identity.ts";
import type { SsoConnection } from "../domain/sso-connection.ts";
import { readPersonClaims } from "../entra/person-claims.ts";
import { subjectOf } from "./subject.ts";

/** Who signed in with a connection, and how. */
export interface SignedIn {
  readonly identity: Identity;
  readonly authentication: Authentication;
}

/**
 * The identity behind a verified id_token, for the connection's organization.
 * @throws {CodedError} signin_token_invalid for another tenant or client, or without identity
 */
export function readSignedIn(
  connection: Pick<SsoConnection, "id" | "projectId" | "orgId" | "entraTenantId" | "appId">,
  claims: Readonly<Record<string, unknown>>,
): SignedIn {
  const { id, orgId, projectId, entraTenantId: tenantId, appId: clientId } = connection;
  const read = readPersonClaims(claims, { tenantId, clientId });
  if (!read) throw new CodedError("signin_token_invalid");
  const { person, authentication } = read;
  return {
    identity: {
      sub: subjectOf({ orgId, tid: person.tid, oid: person.oid }),
      connection_id: id,
      organization_id: orgId,
      project_id: projectId,
      ...person,
    },
    authentication,
  };
}
