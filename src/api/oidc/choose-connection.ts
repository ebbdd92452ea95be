import { listConnectionsOf } from "../../db/sso-connections.ts";
import type { Application } from "../../domain/application.ts";
import type { SsoConnection } from "../../domain/sso-connection.ts";
import type { ApiDeps } from "../deps.ts";
import type { AuthorizeRequest } from "./authorize-request.ts";

/** `ask`: nothing, or nothing clear, says which organization. Unknown and ambiguous look the same. */
export type Choice =
  | { readonly kind: "found"; readonly connection: SsoConnection; readonly domain: string | undefined }
  | { readonly kind: "ask"; readonly wasAsked: boolean };

/**
 * The one live connection of the application's project that fits everything that was said: its id, its organization, its
 * domain. A suspended one fits too, so that people are told.
 */
export async function chooseConnection(
  { database }: ApiDeps,
  { projectId }: Application,
  { connection, organizationId, domainHint }: AuthorizeRequest,
): Promise<Choice> {
  const wasAsked = [connection, organizationId, domainHint].some((one) => one !== undefined);
  if (!wasAsked) return { kind: "ask", wasAsked };
  const domain = domainHint?.toLowerCase().replace(/^.*@/, "");
  const found = await listConnectionsOf(database, {
    projectId,
    id: connection,
    orgId: organizationId,
    domain,
  });
  const [only] = found;
  return only && found.length === 1 ? { kind: "found", connection: only, domain } : { kind: "ask", wasAsked };
}
