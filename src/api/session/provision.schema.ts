import { z } from "zod";
import { operationStatuses } from "../../domain/connection-operation.ts";
import { factsOfKind, operationKinds } from "../../domain/operation-kinds.ts";
import { requestStatuses } from "../../domain/provision-request.ts";
import { address, timestamp } from "../contract/fields.ts";
import { errorCodeSchema } from "../contract/problem.schema.ts";
import { connectionViewSchema } from "./connection.schema.ts";
import { failureViewSchema } from "./failure.schema.ts";

const provisionId = z.string().meta({ pattern: "^mspr_[0-9a-f]{32}$" });
export const requestStatusSchema = z.enum(requestStatuses);
export const cleanupSchema = z
  .enum(["none", "pending", "done", "needs_operator"])
  .meta({ description: "What became of the objects that a failed run had made at Microsoft." });

export const stepViewSchema = z
  .object({
    name: z.enum([...new Set(operationKinds.flatMap((kind) => factsOfKind(kind).steps))]),
    state: z.enum(["pending", "running", "retrying", "done", "failed"]),
    attempts: z.int().meta({ description: "Attempts begun so far." }),
    started_at: timestamp.exactOptional(),
    ended_at: timestamp.exactOptional(),
    note: z.string().exactOptional().meta({ description: "Why it is being tried again, or why it failed." }),
  })
  .meta({ id: "Step" });
export type StepView = z.input<typeof stepViewSchema>;

/** An attempt's status as people see it. */
export const provisionViewSchema = z
  .object({
    id: provisionId,
    status: requestStatusSchema,
    cleanup: cleanupSchema,
    connection_id: z.string().exactOptional(),
    steps: z.array(stepViewSchema),
    error: failureViewSchema.exactOptional(),
  })
  .meta({ id: "Provision" });
export type ProvisionView = z.input<typeof provisionViewSchema>;

/** What is done to a connection without a click, as people see it. */
export const operationViewSchema = z
  .object({
    id: z.string().meta({ pattern: "^op_[0-9a-f]{32}$" }),
    kind: z.enum(operationKinds),
    status: z.enum(operationStatuses),
    cleanup: cleanupSchema,
    connection_id: z.string(),
    steps: z.array(stepViewSchema),
    error: failureViewSchema.exactOptional(),
  })
  .meta({ id: "Operation" });
export type OperationView = z.input<typeof operationViewSchema>;

/** An attempt that waits for its approval or confirmation. */
const openRequestSchema = z.object({
  id: provisionId,
  status: requestStatusSchema,
  started_by: z.string(),
  created_at: timestamp,
  expires_at: timestamp,
});
export type OpenRequestView = z.input<typeof openRequestSchema>;

/** What the button needs. */
export const availabilitySchema = z
  .object({
    configured: z.boolean(),
    can_start: z.boolean(),
    reason: errorCodeSchema
      .extract(["insufficient_role", "ms_provision_not_configured"])
      .exactOptional()
      .meta({ description: "Why `can_start` is false." }),
    running_request: z
      .object({ id: provisionId, status: requestStatusSchema })
      .exactOptional()
      .meta({ description: "There while the work of a click is under way." }),
    setup_links: z
      .literal(true)
      .exactOptional()
      .meta({ description: "For owners and admins: the approval can be handed over by a link." }),
    open_requests: z
      .array(openRequestSchema)
      .exactOptional()
      .meta({ description: "For owners and admins: what still waits for an approval." }),
    connections: z.array(connectionViewSchema),
  })
  .meta({ id: "Availability" });
export type AvailabilityView = z.input<typeof availabilitySchema>;

export const startedSchema = z
  .object({
    id: provisionId,
    consent_url: address.meta({ description: "Where the browser goes now." }),
    expires_at: timestamp,
    binding: z.enum(["cookie", "confirm"]),
  })
  .meta({ id: "Started" });
export type StartedView = z.input<typeof startedSchema>;

export const releaseStartedSchema = z
  .object({
    id: provisionId,
    proof_url: address.meta({
      description: "Where the browser goes now, to prove that an administrator of the directory is here.",
    }),
    expires_at: timestamp,
    binding: z.enum(["cookie", "confirm"]),
  })
  .meta({ id: "ReleaseStarted" });
export type ReleaseStartedView = z.input<typeof releaseStartedSchema>;
