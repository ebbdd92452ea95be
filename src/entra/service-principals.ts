import type { ApplicationIds } from "../domain/connection-operation.ts";
import type { AppClientId, ServicePrincipalId } from "../domain/ids.ts";
import { type GraphClient, odataString } from "./graph-client.ts";
import { type ServicePrincipal, servicePrincipalSchema } from "./graph-responses.schema.ts";
import { MicrosoftError } from "./microsoft-error.ts";
import { undefinedOn404 } from "./undefined-on-404.ts";

/** Entra's own tag; without it a service principal is not listed under Enterprise applications. */
const enterpriseTag = "WindowsAzureActiveDirectoryIntegratedApp";
const fields = ["id", "appId", "accountEnabled", "appRoleAssignmentRequired"];

/** The service principals of one tenant, which its portal calls enterprise applications. All throw `MicrosoftError`. */
export interface ServicePrincipals {
  /** Undefined on 404, which within minutes of the creation may be replication lag. */
  getServicePrincipal(id: ServicePrincipalId): Promise<ServicePrincipal | undefined>;
  /** Undefined where no list shows one of the client id. */
  findServicePrincipal(appId: AppClientId): Promise<ServicePrincipal | undefined>;
  /** By the id that is known, else by client id: somebody may have made it anew. Undefined where both say it is gone. */
  locateServicePrincipal(
    ids: Pick<ApplicationIds, "appId" | "servicePrincipalId">,
  ): Promise<ServicePrincipal | undefined>;
  /**
   * Makes the service principal of an application that lost its own. Repeat: finds the one that is there, since a client
   * id has one at most; `application_not_ready` while that one is not visible.
   * @see https://learn.microsoft.com/graph/api/serviceprincipal-post-serviceprincipals (read November 2026)
   */
  createServicePrincipal(appId: AppClientId, assignmentRequired: boolean): Promise<ServicePrincipal>;
  /**
   * Soft delete, restorable for 30 days; takes the consents along. False on 404.
   * @see https://learn.microsoft.com/graph/api/serviceprincipal-delete (read November 2026)
   */
  deleteServicePrincipal(id: ServicePrincipalId): Promise<boolean>;
  /** Repeat: the same state. */
  setAssignmentRequired(id: ServicePrincipalId, required: boolean): Promise<void>;
}

export function servicePrincipals(graph: GraphClient): ServicePrincipals {
  const findServicePrincipal = async (appId: AppClientId): Promise<ServicePrincipal | undefined> => {
    const found = await graph.list({
      path: "/servicePrincipals",
      filter: `appId eq ${odataString(appId)}`,
      select: fields,
      item: servicePrincipalSchema,
    });
    return found.find((principal) => principal.appId === appId);
  };
  const getServicePrincipal = (id: ServicePrincipalId): Promise<ServicePrincipal | undefined> =>
    undefinedOn404(
      graph.call({
        method: "GET",
        path: `/servicePrincipals/${id}`,
        select: fields,
        answer: servicePrincipalSchema,
      }),
    );
  return {
    findServicePrincipal,
    getServicePrincipal,
    async locateServicePrincipal({ appId, servicePrincipalId }) {
      const known = await getServicePrincipal(servicePrincipalId);
      return known?.appId === appId ? known : findServicePrincipal(appId);
    },
    async createServicePrincipal(appId, appRoleAssignmentRequired) {
      try {
        return await graph.call({
          method: "POST",
          path: "/servicePrincipals",
          body: { appId, tags: [enterpriseTag], appRoleAssignmentRequired },
          answer: servicePrincipalSchema,
        });
      } catch (error) {
        if (!(error instanceof MicrosoftError) || !isThereAlready(error)) throw error;
        const found = await findServicePrincipal(appId);
        if (!found) throw new MicrosoftError("application_not_ready", error.facts);
        return found;
      }
    },
    async deleteServicePrincipal(id) {
      const deleted = await undefinedOn404(
        graph.send({ method: "DELETE", path: `/servicePrincipals/${id}` }).then(() => true as const),
      );
      return deleted === true;
    },
    // Tags are left out: Entra's own stays.
    setAssignmentRequired: (id, required) =>
      graph.send({
        method: "PATCH",
        path: `/servicePrincipals/${id}`,
        body: { appRoleAssignmentRequired: required },
      }),
  };
}

const isThereAlready = ({ facts: { status, reason } }: MicrosoftError): boolean =>
  status === 409 || reason === "Request_MultipleObjectsWithSameKeyValue";
