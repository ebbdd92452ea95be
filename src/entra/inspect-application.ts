import type { ApplicationIds } from "../domain/connection-operation.ts";
import type { EntraTenantId } from "../domain/ids.ts";
import type { AppTokens } from "./app-token.ts";
import { type GraphClient, odataString } from "./graph-client.ts";
import { applicationSchema } from "./graph-responses.schema.ts";
import {
  inspectedApplicationSchema,
  inspectedFederatedSchema,
  inspectedPrincipalSchema,
} from "./inspection.schema.ts";
import type { ApplicationSnapshot } from "./judge-drift.ts";
import { MicrosoftError } from "./microsoft-error.ts";
import type { ServicePrincipals } from "./service-principals.ts";
import { undefinedOn404 } from "./undefined-on-404.ts";
import { readUsersGrant } from "./users-grant.ts";

/**
 * Reads all of an application that can drift; writes nothing. Whole objects: a cloud that does not know a new property
 * refuses to select it. What one way says to be gone is asked for another way.
 * @see https://learn.microsoft.com/graph/api/application-list-federatedidentitycredentials (read November 2026)
 * @throws {MicrosoftError} application_not_ready where the two ways disagree, and as Microsoft refused
 */
export async function inspectApplication(
  deps: {
    readonly graph: GraphClient;
    readonly principals: ServicePrincipals;
    readonly tokens: AppTokens;
    readonly tenantId: EntraTenantId;
  },
  { appObjectId, appId, servicePrincipalId }: ApplicationIds,
): Promise<ApplicationSnapshot> {
  const { graph, principals } = deps;
  const application = await undefinedOn404(
    graph.call({ method: "GET", path: `/applications/${appObjectId}`, answer: inspectedApplicationSchema }),
  );
  if (!application) {
    const listed = await graph.list({
      path: "/applications",
      filter: `appId eq ${odataString(appId)}`,
      select: ["id", "appId"],
      item: applicationSchema,
    });
    if (listed.length > 0) throw disagreement();
    return { application: undefined, principal: undefined, federated: [], isConsentedForAll: undefined };
  }
  const federated = await unknownIfRefused(
    graph.list({
      path: `/applications/${appObjectId}/federatedIdentityCredentials`,
      item: inspectedFederatedSchema,
    }),
  );
  const principalOf = (id: string) =>
    undefinedOn404(
      graph.call({ method: "GET", path: `/servicePrincipals/${id}`, answer: inspectedPrincipalSchema }),
    );
  const known = await principalOf(servicePrincipalId);
  // Made anew by somebody, it has another id and admits people all the same.
  const other = known ? undefined : await principals.findServicePrincipal(appId);
  const principal = known ?? (other && (await principalOf(other.id)));
  if (other && !principal) throw disagreement();
  const isConsentedForAll = principal && (await unknownIfRefused(readUsersGrant(deps, principal.id)));
  const names = federated?.map(({ name }) => name);
  return { application, principal, federated: names, isConsentedForAll };
}

const passingStatuses = [401, 408, 409, 412, 423, 424, 429];

/** What we may not see of one part must not hide the others. What passes is asked again, as for every other call. */
async function unknownIfRefused<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    const status = error instanceof MicrosoftError ? error.facts.status : 0;
    if (status >= 400 && status < 500 && !passingStatuses.includes(status)) return undefined;
    throw error;
  }
}

const disagreement = () =>
  new MicrosoftError("application_not_ready", { status: 404, reason: "id_and_list_disagree" });
