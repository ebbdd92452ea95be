import { z } from "zod";
import { givenTime, timestamp } from "../contract/fields.ts";
import { listMetadataSchema, pageQuery } from "../paging.ts";

const entryIdShape = /^aud_([1-9]\d{0,14})$/;
const time = givenTime(z.iso.datetime({ offset: true }).or(z.iso.date()));

/** What of the trail, and how: `from` counts in, `to` does not; days are UTC's. */
export const auditQuery = {
  from: time.optional(),
  to: time.optional(),
  format: z
    .enum(["json", "jsonl", "csv"])
    .default("json")
    .meta({ description: "`json`: pages, newest first. `jsonl`, `csv`: the whole export, oldest first." }),
  limit: pageQuery.limit,
  after: z
    .string()
    .regex(entryIdShape, { error: "must be the id of an entry" })
    .transform((id) => Number(entryIdShape.exec(id)?.[1]))
    .optional()
    .meta({ description: "`list_metadata.after` of the answer before." }),
};

/** A row of the trail as people read it. */
const auditEntrySchema = z
  .object({
    id: z.string(),
    at: timestamp,
    action: z.string(),
    actor_type: z.string(),
    actor_id: z.string().nullable(),
    organization_id: z.string(),
    project_id: z.string(),
    connection_id: z.string().nullable(),
    provision_id: z.string().nullable(),
    operation_id: z.string().nullable(),
    generation: z
      .int()
      .meta({ description: "Which run of the operation, from 1; 0 for what is about none." }),
    detail: z.record(z.string(), z.unknown()),
  })
  .meta({ id: "AuditEntry" });

export const auditListSchema = z.object({
  data: z.array(auditEntrySchema),
  list_metadata: listMetadataSchema,
});

/** Both kinds of callers get the same. */
export const auditAnswers = {
  200: {
    description: "The trail; an export is streamed and ends with the last entry.",
    schema: auditListSchema,
    contentTypes: ["application/jsonl", "text/csv"],
  },
} as const;
