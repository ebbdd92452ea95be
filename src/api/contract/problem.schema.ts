import { z } from "zod";
import { type ErrorCode, errorCodes } from "../../domain/error-codes.ts";

export const errorCodeSchema = z
  .enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]])
  .meta({ id: "ErrorCode", description: "A row of the closed table of codes (docs/errors.md)." });

/** Every refusal (RFC 9457); which codes a route can say stands at the route. */
export const problemSchema = z
  .object({
    type: z.string().meta({ description: "`urn:authio:problem:` and the code." }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: "A sentence for a person." }),
    code: errorCodeSchema,
    message: z.string().meta({ description: "The same as `detail`." }),
    action: z.string().meta({ description: "The next step." }),
    request_id: z.string().optional().meta({ description: "As in `X-Request-Id`." }),
    errors: z
      .array(z.object({ path: z.string(), reason: z.string() }))
      .optional()
      .meta({ description: "What is wrong, field by field; `path` is empty where the whole call is meant." }),
  })
  .meta({ id: "Problem", description: "What happened, and the next step, in sentences ready to show." });

export type Problem = z.input<typeof problemSchema>;
