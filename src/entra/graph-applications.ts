import type { EntraCloud } from "../domain/clouds.ts";
import type {
  AppClientId,
  AppObjectId,
  EntraTenantId,
  SecretKeyId,
  ServicePrincipalId,
} from "../domain/ids.ts";
import type { ApplicationIds } from "../domain/provision-activities.ts";
import { SecretText } from "../domain/secret-text.ts";
import type { Telemetry } from "../domain/telemetry.ts";
import type { AppTokens } from "./app-token.ts";
import { createGraphClient, odataString } from "./graph-client.ts";
import {
  addedPasswordSchema,
  applicationSchema,
  type GraphApplication,
  instantiatedSchema,
  listOf,
  permissionGrantSchema,
} from "./graph-responses.schema.ts";
import { MicrosoftError } from "./microsoft-error.ts";
import { type ServicePrincipals, servicePrincipals } from "./service-principals.ts";
import type { TenantGates } from "./tenant-gates.ts";

export interface DesiredApplication {
  readonly displayName: string;
  readonly redirectUri: string;
  readonly tags: readonly string[];
  readonly notes: string;
}

export interface AddedPassword {
  readonly keyId: SecretKeyId;
  /** ISO-8601, as granted. */
  readonly endDateTime: string;
  readonly secret: SecretText;
}

/** The applications of one tenant: every Graph call that this product makes. All throw `MicrosoftError`. */
export interface GraphApplications extends ServicePrincipals {
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
  /**
   * Consents to the sign-in scopes for all users of the tenant. False where our app lacks the role for it, or where
   * Microsoft refuses: users then meet the consent prompt. Repeat: finds the grant.
   * @see https://learn.microsoft.com/graph/api/oauth2permissiongrant-post (read November 2026)
   */
  consentForUsers(id: ServicePrincipalId): Promise<boolean>;
  /** Mints a secret. Not idempotent. */
  addPassword(
    id: AppObjectId,
    credential: { displayName: string; endDateTime: Date },
  ): Promise<AddedPassword>;
  /** Repeat: an unknown key counts as removed. */
  removePassword(id: AppObjectId, keyId: SecretKeyId): Promise<void>;
  /** Soft delete, restorable for 30 days. False on 404. */
  delete(id: AppObjectId): Promise<boolean>;
}

/** What every application of ours is tagged with, and what its name begins with until it is configured. */
export const ourTag = "authio-sso";
export const ourFirstName = "Authio SSO mspr_";
/** Lists come in pages of 100; a tenant with more of our applications than this has other troubles. */
const pagesMax = 50;
/** The application role that lets our app consent on the tenant's behalf; optional. */
const grantRole = "DelegatedPermissionGrant.ReadWrite.All";
/** Delegated scopes of Microsoft Graph that sign-in needs. */
const graphAppId = "00000003-0000-0000-c000-000000000000" as AppClientId;
const delegatedScopeIds = {
  openid: "37f7f235-527c-4136-accd-4a02d197296e",
  profile: "14dad69e-099b-42c9-810b-d002981feec1",
  email: "64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0",
} as const;

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
  gates: TenantGates;
  tenantId: EntraTenantId;
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
}): GraphApplications {
  const graph = createGraphClient(deps);
  const principals = servicePrincipals(graph);
  const templateId = deps.cloud.applicationTemplateId;

  const list = async (filter: string): Promise<GraphApplication[]> => {
    const found: GraphApplication[] = [];
    const first = { method: "GET", path: "/applications", filter, select: applicationFields } as const;
    const answer = listOf(applicationSchema);
    let page = await graph.call({ ...first, answer });
    for (let pages = 1; ; pages += 1) {
      found.push(...page.value);
      const next = page["@odata.nextLink"];
      if (next === undefined || pages >= pagesMax) return found;
      page = await graph.call({ method: "GET", path: next, answer });
    }
  };

  return {
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
    async consentForUsers(id) {
      if (!(await deps.tokens.holdsRole(deps.tenantId, grantRole))) return false;
      const resourceId = (await principals.findServicePrincipal(graphAppId))?.id;
      if (resourceId === undefined) return false;
      const grants = await graph.call({
        method: "GET",
        path: "/oauth2PermissionGrants",
        filter: `clientId eq ${odataString(id)} and consentType eq 'AllPrincipals'`,
        answer: listOf(permissionGrantSchema),
      });
      const granted = grants.value.find((grant) => grant.resourceId === resourceId);
      const wanted = Object.keys(delegatedScopeIds);
      const present = granted?.scope.split(" ") ?? [];
      if (wanted.every((scope) => present.includes(scope))) return true;
      const scope = [...new Set([...present, ...wanted])].filter(Boolean).join(" ");
      if (granted)
        await graph.send({ method: "PATCH", path: `/oauth2PermissionGrants/${granted.id}`, body: { scope } });
      else
        await graph.call({
          method: "POST",
          path: "/oauth2PermissionGrants",
          body: { clientId: id, consentType: "AllPrincipals", resourceId, scope },
          answer: permissionGrantSchema,
        });
      return true;
    },
    async addPassword(id, credential) {
      const added = await graph.call({
        method: "POST",
        path: `/applications/${id}/addPassword`,
        body: {
          passwordCredential: {
            displayName: credential.displayName,
            endDateTime: credential.endDateTime.toISOString(),
          },
        },
        answer: addedPasswordSchema,
      });
      return { keyId: added.keyId, endDateTime: added.endDateTime, secret: new SecretText(added.secretText) };
    },
    async removePassword(id, keyId) {
      try {
        await graph.send({ method: "POST", path: `/applications/${id}/removePassword`, body: { keyId } });
      } catch (error) {
        const gone =
          error instanceof MicrosoftError &&
          error.facts.status === 400 &&
          error.facts.reason === "Request_BadRequest";
        if (!gone) throw error;
      }
    },
    async delete(id) {
      const deleted = await undefinedOn404(
        graph.send({ method: "DELETE", path: `/applications/${id}` }).then(() => true as const),
      );
      return deleted === true;
    },
  };
}

/** Collections are replaced whole by Graph, so each is sent whole. */
function applicationBody(desired: DesiredApplication): object {
  const claim = (name: string) => ({ name, source: null, essential: false, additionalProperties: [] });
  return {
    displayName: desired.displayName,
    signInAudience: "AzureADMyOrg",
    web: {
      redirectUris: [desired.redirectUri],
      implicitGrantSettings: { enableIdTokenIssuance: false, enableAccessTokenIssuance: false },
    },
    groupMembershipClaims: "SecurityGroup",
    optionalClaims: {
      idToken: [claim("groups"), claim("email"), claim("xms_edov"), claim("auth_time"), claim("acct")],
      accessToken: [],
      saml2Token: [],
    },
    requiredResourceAccess: [
      {
        resourceAppId: graphAppId,
        resourceAccess: Object.values(delegatedScopeIds).map((id) => ({ id, type: "Scope" })),
      },
    ],
    tags: desired.tags,
    notes: desired.notes,
  };
}

async function undefinedOn404<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof MicrosoftError && error.facts.status === 404) return undefined;
    throw error;
  }
}
