/**
 * Branded identifiers. The brands exist at compile time only, so that an object id cannot be passed where a
 * client id is due. Values are minted by the parsers in `ids.schema.ts` and `parse-ids.ts`, and by `db/new-id.ts`.
 */
type Brand<T extends string> = string & { readonly __brand: T };

/** Our customer's organization, opaque to us: `org_…`. */
export type OrgId = Brand<"OrgId">;
/** A project (environment) of the operator on the platform, opaque to us: `proj_…`. */
export type ProjectId = Brand<"ProjectId">;
/** One click on "Connect Microsoft": `mspr_…`. */
export type ProvisionRequestId = Brand<"ProvisionRequestId">;
/** One link for an administrator without an account: `msl_…`. */
export type SetupLinkId = Brand<"SetupLinkId">;
/** One thing done to a connection: `op_…`. */
export type OperationId = Brand<"OperationId">;
/** One row of `sso_connections`: `sso_…`. */
export type ConnectionId = Brand<"ConnectionId">;
/** Directory id of a customer's Entra tenant (`tid`), a lower-case GUID. */
export type EntraTenantId = Brand<"EntraTenantId">;
/** `application.id` in Graph: addresses the object. Not the client id. */
export type AppObjectId = Brand<"AppObjectId">;
/** `application.appId` in Graph, `client_id` in OAuth. */
export type AppClientId = Brand<"AppClientId">;
/** `servicePrincipal.id` in Graph. */
export type ServicePrincipalId = Brand<"ServicePrincipalId">;
/** `passwordCredential.keyId` in Graph. */
export type SecretKeyId = Brand<"SecretKeyId">;
