import { z } from "zod";
import {
  appClientIdSchema,
  appObjectIdSchema,
  secretKeyIdSchema,
  servicePrincipalIdSchema,
} from "../domain/ids.schema.ts";

/** An id that is only compared: ours are in lower case. */
export const comparedIdSchema = z.string().toLowerCase();

/** Only the fields that this flow reads; Graph sends and adds many more. */
export const passwordCredentialSchema = z.object({
  keyId: secretKeyIdSchema,
  displayName: z.string().nullish(),
  startDateTime: z.iso.datetime({ offset: true }).nullish(),
});

export const applicationSchema = z.object({
  id: appObjectIdSchema,
  appId: appClientIdSchema,
  displayName: z.string().nullish(),
  applicationTemplateId: comparedIdSchema.nullish(),
  createdDateTime: z.iso.datetime({ offset: true }).nullish(),
  createdByAppId: comparedIdSchema.nullish(),
  tags: z.array(z.string()).nullish(),
  passwordCredentials: z.array(passwordCredentialSchema).nullish(),
});
export type GraphApplication = z.infer<typeof applicationSchema>;

export const servicePrincipalSchema = z.object({
  id: servicePrincipalIdSchema,
  appId: appClientIdSchema,
  /** False once an administrator switched sign-in off. */
  accountEnabled: z.boolean().nullish(),
  /** Whether Microsoft refuses users whom nobody assigned. */
  appRoleAssignmentRequired: z.boolean().nullish(),
});
export type ServicePrincipal = z.infer<typeof servicePrincipalSchema>;

export const instantiatedSchema = z.object({
  application: z.object({ id: appObjectIdSchema, appId: appClientIdSchema }),
  servicePrincipal: z.object({ id: servicePrincipalIdSchema }),
});

export const addedPasswordSchema = passwordCredentialSchema.extend({
  endDateTime: z.iso.datetime({ offset: true }),
  secretText: z.string().min(8),
});

export const permissionGrantSchema = z.object({
  id: z.string(),
  resourceId: comparedIdSchema,
  scope: z.string(),
});

/** A directory object of either kind. */
export const restoredSchema = z.object({ id: z.guid() });

export const listOf = <T extends z.ZodType>(item: T) =>
  z.object({ value: z.array(item), "@odata.nextLink": z.string().nullish() });

/** Whatever else it holds, the code decides: what is only for display must not hide it. */
const innerErrorSchema = z.object({ "request-id": z.string() }).optional().catch(undefined);

/** The body of a refusal. */
export const graphErrorSchema = z.object({
  error: z.object({
    code: z.string().nullish(),
    message: z.unknown(),
    innerError: innerErrorSchema,
    innererror: innerErrorSchema,
  }),
});
