import { findTenantOfDomain } from "../../db/connection-domains.ts";
import { listConnectionsOf } from "../../db/sso-connections.ts";
import type { Application } from "../../domain/application.ts";
import { isOpaqueId } from "../../domain/text.ts";
import { CodedError } from "../../domain/coded-error.ts";
import { readDomain } from "../../domain/entra-domain.ts";
import type { SsoConnection } from "../../domain/sso-connection.ts";
import type { ApiDeps } from "../deps.ts";
import type { AuthorizeRequest } from "./authorize-request.ts";

/** `ask`: nothing, or nothing clear, says which organization. Unknown and ambiguous look the same. */
export type Choice =
  | { readonly kind: "found"; readonly connection: SsoConnection; readonly domain: string | undefined }
  | { readonly kind: "ask"; readonly wasAsked: boolean };

/** Nobody's. */
const none = "";

/**
 * The one live connection of the application's project that fits everything that was said: its id, its organization, and
 * a domain, which leads to the directory that owns it. Where two organizations connected that directory, the domain says
 * neither. A suspended one fits too, so that people are told. Whoever tries domains that lead nowhere is slowed down:
 * else anybody could read off who is a customer here. An id is no guess, and its people are not to wait for a stranger
 * who shares their address.
 * @throws {CodedError} too_many_unknown_organizations; service_unavailable where nobody can say whose the domain is
 */
export async function chooseConnection(
  deps: ApiDeps,
  { projectId }: Application,
  { connection, organizationId, tenantId, domainHint }: AuthorizeRequest,
  visitor: string,
): Promise<Choice> {
  const { database, unknownOrganizations } = deps;
  const wasAsked = [connection, organizationId, domainHint].some((one) => one !== undefined);
  if (!wasAsked) return { kind: "ask", wasAsked };
  const isGuess = connection === undefined && organizationId === undefined;
  const retryAfterMs = isGuess ? unknownOrganizations.waitMs(visitor) : 0;
  if (retryAfterMs > 0) throw new CodedError("too_many_unknown_organizations", undefined, { retryAfterMs });
  const idIn = (given: string | undefined): string | undefined =>
    given === undefined || isOpaqueId(given) ? given : none;
  const domain = domainHint === undefined ? undefined : readDomain(domainHint);
  const found = await listConnectionsOf(database, {
    projectId,
    id: idIn(connection),
    orgId: idIn(organizationId),
    tenantId: domainHint === undefined ? tenantId : await tenantOf(deps, { projectId, domain }, visitor),
  });
  const [only] = found;
  if (only && found.length === 1) return { kind: "found", connection: only, domain };
  if (isGuess) unknownOrganizations.add(visitor);
  return { kind: "ask", wasAsked };
}

/** By what is known here, looked at daily; a further domain of a directory is asked for at Microsoft. */
async function tenantOf(
  { database, directories }: ApiDeps,
  { projectId, domain }: { projectId: Application["projectId"]; domain: string | undefined },
  visitor: string,
): Promise<string> {
  if (domain === undefined) return none;
  const known = await findTenantOfDomain(database, { projectId, domain });
  return known ?? (await directories.tenantOf(domain, visitor)) ?? none;
}
