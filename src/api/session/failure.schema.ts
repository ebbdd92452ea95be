import { z } from "zod";
import { timestamp } from "../contract/fields.ts";
import { errorCodeSchema } from "../contract/problem.schema.ts";

export const whoSchema = z
  .enum(["you", "entra_admin", "authio", "operator", "wait"])
  .meta({ description: "Who can do something about it." });

/** Why an attempt failed, in sentences for its organization. */
export const failureViewSchema = z
  .object({
    code: errorCodeSchema,
    title: z.string(),
    detail: z.string(),
    action: z.string(),
    who: whoSchema,
    documentation: z
      .string()
      .exactOptional()
      .meta({ format: "uri", description: "Microsoft's page about it." }),
    microsoft: z
      .object({ code: z.string(), correlation_id: z.string().exactOptional(), meaning: z.string() })
      .exactOptional()
      .meta({ description: "What Microsoft called it." }),
    at: timestamp.exactOptional(),
  })
  .meta({ id: "Failure" });

export type FailureView = z.input<typeof failureViewSchema>;
