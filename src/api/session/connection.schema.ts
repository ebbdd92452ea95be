import { z } from "zod";
import { attentionCodes } from "../../domain/attention.ts";
import { operationStatuses } from "../../domain/connection-operation.ts";
import { operationKinds } from "../../domain/operation-kinds.ts";
import { connectionStatuses } from "../../domain/sso-connection.ts";
import { sides } from "../../domain/switched-off.ts";
import { address, timestamp } from "../contract/fields.ts";
import { errorCodeSchema } from "../contract/problem.schema.ts";
import { listMetadataSchema } from "../paging.ts";
import { whoSchema } from "./failure.schema.ts";

/** What is being done to a connection. */
const begun = z
  .object({
    id: z.string().meta({ pattern: "^op_[0-9a-f]{32}$" }),
    kind: z.enum(operationKinds),
    status: z.enum(operationStatuses),
  })
  .meta({ id: "OperationReference" });
export type BegunView = z.input<typeof begun>;
export const begunSchema = z.object({ operation: begun });

/** Why something that was done to it failed last. */
const lastFailure = z.object({
  code: errorCodeSchema,
  title: z.string(),
  detail: z.string(),
  who: whoSchema,
  action: z.string(),
});

/** What somebody changed at Microsoft. */
const attentionReason = z.object({
  code: z.enum(attentionCodes),
  since: timestamp,
  title: z.string(),
  detail: z.string(),
  who: whoSchema,
  action: z.string(),
  mended_by_connecting: z.boolean().meta({
    description: "Start with `connection` sets it right.",
  }),
});

/** A connection as the API shows it, in the platform's words: without its secret. */
export const connectionViewSchema = z
  .object({
    id: z.string(),
    organization_id: z.string(),
    project_id: z.string(),
    display_name: z.string(),
    protocol: z.literal("oidc"),
    provider: z.literal("entra"),
    status: z.enum(connectionStatuses),
    managed_by: z.literal("microsoft_graph"),
    entra_tenant_id: z.string(),
    entra_domain: z.string().exactOptional(),
    oidc_issuer: address,
    oidc_client_id: z.string(),
    redirect_uri: address,
    attribute_map: z.record(z.string(), z.string()),
    access: z.enum(["everyone", "assigned"]),
    access_error: lastFailure
      .exactOptional()
      .meta({ description: "The last change of `access` failed; what it says is what held before." }),
    configured_at: timestamp,
    configured_by: z.string(),
    secret_expires_at: timestamp,
    secret_renewal: z.object({
      due_at: timestamp,
      error: lastFailure
        .exactOptional()
        .meta({ description: "The last renewal failed: users can sign in until the secret ends." }),
    }),
    users_consented: z.boolean().nullable().meta({
      description:
        "Whether users get through without being asked: by Microsoft's grants where our permission reads them, else by what sign-ins met. Null: nobody knows yet.",
    }),
    needs_attention: z
      .object({ reasons: z.array(attentionReason) })
      .exactOptional()
      .meta({
        description:
          "There while something at Microsoft is not as it was left, seen by two looks in a row. Nothing is changed back by itself.",
      }),
    health: z.object({
      looked_at: timestamp
        .nullable()
        .meta({ description: "When Microsoft last told all of it; null: not yet." }),
      error: lastFailure.exactOptional().meta({
        description: "The last look learned nothing; what was known stays.",
      }),
    }),
    operation: begun.exactOptional().meta({ description: "There while something is being done to it." }),
    switched_off_by: z.array(z.enum(sides)).exactOptional().meta({
      description:
        "Who suspended or disconnected it; there while it is not active. What an operator switched off, owners do not switch on.",
    }),
    disconnected_at: timestamp.exactOptional(),
    restorable_until: timestamp.exactOptional().meta({
      description:
        "Until then a disconnected connection can be restored; absent once its directory was connected anew.",
    }),
    access_released_at: timestamp.exactOptional().meta({
      description:
        "There once our app was removed from the directory: until it is connected again, nothing of it can be renewed, repaired, removed or restored by us.",
    }),
    created_at: timestamp,
    updated_at: timestamp,
    last_sign_in_at: timestamp.exactOptional(),
    last_sign_in_failure: z
      .object({ code: errorCodeSchema, at: timestamp })
      .exactOptional()
      .meta({ description: "Of the last seven days (UTC)." }),
    sign_in_failures: z
      .array(z.object({ day: z.string().meta({ format: "date" }), code: errorCodeSchema, count: z.int() }))
      .meta({
        description:
          "Sign-ins of the last seven days (UTC) that were refused, by day and cause, newest first. Numbers, nobody's name; causes that a browser brought count too, so one person can raise them.",
      }),
    sign_ins_30_days: z.int().meta({ description: "Sign-ins of the last 30 days." }),
    sign_in_url: address.meta({ description: "Begins the test sign-in." }),
    assignment_url: address.meta({ description: "Where an administrator assigns people, in Entra." }),
    admin_consent_url: address
      .exactOptional()
      .meta({ description: "There as long as users would meet Microsoft's consent prompt." }),
  })
  .meta({ id: "Connection" });

export type ConnectionView = z.input<typeof connectionViewSchema>;

export const connectionListSchema = z.object({
  data: z.array(connectionViewSchema),
  list_metadata: listMetadataSchema,
});
