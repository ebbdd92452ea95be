import { z } from "zod";

/** Who signed in, as applications are told; what each field is worth stands in docs/sign-in.md. */
export const identitySchema = z
  .object({
    sub: z.string().meta({ description: "Who it is in this organization; never changes." }),
    connection_id: z.string(),
    organization_id: z.string(),
    project_id: z.string(),
    tid: z.string().meta({ description: "The directory." }),
    oid: z.string().meta({ description: "The person in that directory." }),
    user_type: z.enum(["member", "guest", "unknown"]),
    name: z.string().exactOptional(),
    email: z.string().exactOptional(),
    email_verified: z.boolean(),
    groups: z
      .array(z.string())
      .readonly()
      .nullable()
      .meta({ description: "Null: Microsoft did not list them." }),
    groups_overage: z.boolean(),
  })
  .meta({ id: "Identity" });
