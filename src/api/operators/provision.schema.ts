import { z } from "zod";
import { timestamp } from "../contract/fields.ts";
import { failureViewSchema } from "../session/failure.schema.ts";
import { errorCodeSchema } from "../contract/problem.schema.ts";
import { operationStatuses } from "../../domain/connection-operation.ts";
import { operationKinds } from "../../domain/operation-kinds.ts";
import { requestStatuses } from "../../domain/provision-request.ts";
import { cleanupSchema, stepViewSchema } from "../session/provision.schema.ts";

const id = z.string();

/** A click with what it led to, or an operation without a click. */
export const operatorViewSchema = z
  .object({
    id,
    organization_id: id,
    project_id: id,
    operation_id: id.nullable().meta({ description: "What the click led to." }),
    kind: z.enum(operationKinds),
    status: z.enum([...new Set([...requestStatuses, ...operationStatuses])]),
    cleanup: cleanupSchema,
    generation: z.int().meta({ description: "Raised by each retry." }),
    error_code: errorCodeSchema.nullable(),
    error_microsoft: z
      .object({ code: z.string(), correlationId: z.string().optional() })
      .nullable()
      .meta({ description: "What Microsoft called it." }),
    entra_tenant_id: id.nullable(),
    connection_id: id.nullable(),
    workflow_id: id.nullable(),
    app_object_id: id.nullable(),
    app_id: id.nullable(),
    adopted: z.boolean().meta({ description: "The application was there before." }),
    joined_request_id: id.nullable(),
    started_by: z.string(),
    created_at: timestamp,
    completed_at: timestamp.nullable(),
  })
  .meta({ id: "OperatorProvision" });

export const operatorDetailSchema = operatorViewSchema
  .extend({ steps: z.array(stepViewSchema), error: failureViewSchema.exactOptional() })
  .meta({ id: "OperatorProvisionWithSteps" });

export const retriedSchema = z.object({ id, generation: z.int(), workflow_id: id });
export const cancelledSchema = z.object({
  id,
  status: operatorViewSchema.shape.status,
  cleanup: cleanupSchema,
});
