import type { ApplicationIds } from "../domain/connection-operation.ts";
import type { EntraCloud } from "../domain/clouds.ts";
import type { AppClientId, AppObjectId, EntraTenantId, ServicePrincipalId } from "../domain/ids.ts";
import type { Telemetry } from "../domain/telemetry.ts";
import type { AppTokens } from "./app-token.ts";
import { type ApplicationCredentials, applicationCredentials } from "./application-credentials.ts";
import { applicationBody, type DesiredApplication } from "./desired-application.ts";
import { createGraphClient, odataString } from "./graph-client.ts";
import {
  applicationSchema,
  type GraphApplication,
  instantiatedSchema,
  restoredSchema,
} from "./graph-responses.schema.ts";
import { type HeldCredentials, heldCredentials } from "./held-credentials.ts";
import { inspectApplication } from "./inspect-application.ts";
import type { ApplicationSnapshot } from "./judge-drift.ts";
import { type ServicePrincipals, servicePrincipals } from "./service-principals.ts";
import { undefinedOn404 } from "./undefined-on-404.ts";
import { consentForUsers } from "./users-grant.ts";
import type { InstallationGates } from "./installation-gates.ts";

/** The applications of one tenant: every Graph call that this product makes. All throw `MicrosoftError`. */
export interface GraphApplications extends ServicePrincipals, ApplicationCredentials {
  /** What service principals hold themselves, beside what their applications hold. */
  readonly ofPrincipal: HeldCredentials<ServicePrincipalId>;
  /** Has a token at hand, so that the next call is sent at once. */
  prepare(): Promise<void>;
  /** The same, with a token of now: one that is kept may outlive the consent that it was given for. */
  prepareAnew(): Promise<void>;
  /** Creates application and service principal from the custom template. Not idempotent: each call makes another. */
  instantiate(displayName: string): Promise<ApplicationIds>;
  /** Undefined on 404, which within minutes of the creation may be replication lag. */
  find(id: AppObjectId): Promise<GraphApplication | undefined>;
  /** Undefined where no list shows the client id. */
  findByAppId(appId: AppClientId): Promise<GraphApplication | undefined>;
  /** Applications of our template with the mark in display name or tags, oldest first. */
  findByMark(names: { displayName: string; tag: string }): Promise<GraphApplication[]>;
  /** Every application of the tenant that bears our tag, or our first display name, from our template. */
  listOurs(): Promise<GraphApplication[]>;
  /** Writes the full desired state. Repeat: the same state. */
  configure(id: AppObjectId, desired: DesiredApplication): Promise<void>;
  /** All that can drift of a connection's application. `application_not_ready` while id and list disagree. */
  inspect(ids: ApplicationIds): Promise<ApplicationSnapshot>;
  /** @see users-grant.ts */
  consentForUsers(id: ServicePrincipalId): Promise<boolean>;
  /** Soft delete, restorable for 30 days. False on 404. */
  delete(id: AppObjectId): Promise<boolean>;
  /**
   * Brings a deleted application or service principal back; each by a call of its own. False where it is not among the
   * deleted: it was never, is back already, or the deletion has not spread yet.
   * @see https://learn.microsoft.com/graph/api/directory-deleteditems-restore (read November 2026)
   */
  restoreDeleted(id: AppObjectId | ServicePrincipalId): Promise<boolean>;
}

/** What every application of ours is tagged with, and what its name begins with until it is configured. */
export const ourTag = "authio-sso";
export const ourFirstName = "Authio SSO mspr_";
const applicationFields = [
  "id",
  "appId",
  "displayName",
  "applicationTemplateId",
  "createdDateTime",
  "createdByAppId",
  "tags",
  "passwordCredentials",
];

/** Binds the calls to one proved tenant. */
export function graphApplications(deps: {
  telemetry: Telemetry;
  cloud: EntraCloud;
  tokens: AppTokens;
  gates: InstallationGates;
  tenantId: EntraTenantId;
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
}): GraphApplications {
  const graph = createGraphClient(deps);
  const principals = servicePrincipals(graph);
  const templateId = deps.cloud.applicationTemplateId;

  const list = (filter: string): Promise<GraphApplication[]> =>
    graph.list({ path: "/applications", filter, select: applicationFields, item: applicationSchema });

  return {
    async prepare() {
      await deps.tokens.get(deps.tenantId, deps.signal);
    },
    async prepareAnew() {
      deps.tokens.drop(deps.tenantId);
      await deps.tokens.get(deps.tenantId, deps.signal);
    },
    async instantiate(displayName) {
      const made = await graph.call({
        method: "POST",
        path: `/applicationTemplates/${templateId}/instantiate`,
        body: { displayName },
        answer: instantiatedSchema,
      });
      return {
        appObjectId: made.application.id,
        appId: made.application.appId,
        servicePrincipalId: made.servicePrincipal.id,
      };
    },
    find: (id) =>
      undefinedOn404(
        graph.call({
          method: "GET",
          path: `/applications/${id}`,
          select: applicationFields,
          answer: applicationSchema,
        }),
      ),
    findByAppId: async (appId) =>
      (await list(`appId eq ${odataString(appId)}`)).find((app) => app.appId === appId),
    async findByMark({ displayName, tag }) {
      const found = [
        ...(await list(
          `applicationTemplateId eq ${odataString(templateId)} and displayName eq ${odataString(displayName)}`,
        )),
        ...(await list(`tags/any(t:t eq ${odataString(tag)})`)),
      ];
      // Checked once more here: a wrong match would be adopted or deleted.
      const ours = found.filter(
        (app) =>
          app.applicationTemplateId === templateId &&
          (app.displayName === displayName || app.tags?.includes(tag)),
      );
      return [...new Map(ours.map((app) => [app.id, app])).values()].toSorted((a, b) =>
        (a.createdDateTime ?? "").localeCompare(b.createdDateTime ?? ""),
      );
    },
    async listOurs() {
      const found = [
        ...(await list(`tags/any(t:t eq ${odataString(ourTag)})`)),
        ...(await list(`startswith(displayName,${odataString(ourFirstName)})`)),
      ];
      const ours = found.filter((app) => app.applicationTemplateId === templateId);
      return [...new Map(ours.map((app) => [app.id, app])).values()];
    },
    ...principals,
    configure: (id, desired) =>
      graph.send({ method: "PATCH", path: `/applications/${id}`, body: applicationBody(desired) }),
    ...applicationCredentials(graph),
    ofPrincipal: heldCredentials(graph, "servicePrincipals"),
    inspect: (ids) => inspectApplication({ ...deps, graph, principals }, ids),
    consentForUsers: (id) => consentForUsers({ ...deps, graph, principals }, id),
    async restoreDeleted(id) {
      const restored = await undefinedOn404(
        graph.call({ method: "POST", path: `/directory/deletedItems/${id}/restore`, answer: restoredSchema }),
      );
      return restored !== undefined;
    },
    async delete(id) {
      const deleted = await undefinedOn404(
        graph.send({ method: "DELETE", path: `/applications/${id}` }).then(() => true as const),
      );
      return deleted === true;
    },
  };
}
