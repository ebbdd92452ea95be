import { z } from "zod";
import { appClientIdSchema, appObjectIdSchema, servicePrincipalIdSchema } from "../domain/ids.schema.ts";
import { comparedIdSchema } from "./graph-responses.schema.ts";

/** A secret or a certificate. */
const secretSchema = z.object({
  keyId: comparedIdSchema.nullish(),
  endDateTime: z.iso.datetime({ offset: true }).nullish(),
});
export type InspectedSecret = z.infer<typeof secretSchema>;

const platformSchema = z.object({ redirectUris: z.array(z.string()).nullish() }).nullish();
const switchesAndSecrets = {
  isDisabled: z.boolean().nullish(),
  disabledByMicrosoftStatus: z.string().nullish(),
  passwordCredentials: z.array(secretSchema).nullish(),
  keyCredentials: z.array(secretSchema).nullish(),
};

/** All of an application that can drift. What Graph always says is required: half an answer is no drift. */
export const inspectedApplicationSchema = z.object({
  id: appObjectIdSchema,
  appId: appClientIdSchema,
  web: z.object({ redirectUris: z.array(z.string()) }),
  spa: platformSchema,
  publicClient: platformSchema,
  optionalClaims: z.object({ idToken: z.array(z.object({ name: z.string() })).nullish() }).nullable(),
  groupMembershipClaims: z.string().nullable(),
  ...switchesAndSecrets,
  passwordCredentials: z.array(secretSchema),
});
export type InspectedApplication = z.infer<typeof inspectedApplicationSchema>;

/** An identity of another provider that may act as the application: it has no secret. */
export const inspectedFederatedSchema = z.object({ name: z.string() });

/** All of a service principal that can drift. */
export const inspectedPrincipalSchema = z.object({
  id: servicePrincipalIdSchema,
  appId: appClientIdSchema,
  accountEnabled: z.boolean().nullish(),
  appRoleAssignmentRequired: z.boolean().nullish(),
  ...switchesAndSecrets,
});
export type InspectedPrincipal = z.infer<typeof inspectedPrincipalSchema>;
