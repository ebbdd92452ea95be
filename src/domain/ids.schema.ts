import { z } from "zod";
import type {
  AppClientId,
  AppObjectId,
  ConnectionId,
  EntraTenantId,
  OperationId,
  OrgId,
  ProjectId,
  ProvisionRequestId,
  SecretKeyId,
  ServicePrincipalId,
  SetupLinkId,
} from "./ids.ts";
import { idPatterns } from "./parse-ids.ts";
import { isOpaqueId } from "./text.ts";

/** Refuses nothing but shape: a GUID of any version, since Microsoft's well-known ids are not RFC 9562 UUIDs. */
const guid = z.guid().transform((value) => value.toLowerCase());

const branded = <T extends string>(schema: z.ZodType<string>): z.ZodType<T> =>
  schema as unknown as z.ZodType<T>;

/** An id of the platform, opaque to us. */
export const opaqueIdSchema = z
  .string()
  .refine(isOpaqueId, { error: "must be 1 to 255 printable characters" })
  .meta({ minLength: 1, maxLength: 255 });
export const orgIdSchema = branded<OrgId>(opaqueIdSchema);
export const projectIdSchema = branded<ProjectId>(opaqueIdSchema);
export const provisionRequestIdSchema = branded<ProvisionRequestId>(
  z.string().regex(idPatterns.provisionRequest),
);
export const setupLinkIdSchema = branded<SetupLinkId>(z.string().regex(/^msl_[0-9a-f]{32}$/));
export const operationIdSchema = branded<OperationId>(z.string().regex(idPatterns.operation));
/** A click, or an operation that no click led to: a `WorkId`. */
export const workIdSchema = z.union([provisionRequestIdSchema, operationIdSchema]);
export const connectionIdSchema = branded<ConnectionId>(z.string().regex(idPatterns.connection));
export const entraTenantIdSchema = branded<EntraTenantId>(guid);
export const appObjectIdSchema = branded<AppObjectId>(guid);
export const appClientIdSchema = branded<AppClientId>(guid);
export const servicePrincipalIdSchema = branded<ServicePrincipalId>(guid);
export const secretKeyIdSchema = branded<SecretKeyId>(guid);
