import { z } from "zod";
import { readGivenTime } from "../../domain/given-time.ts";

/** ISO 8601 in UTC. */
export const timestamp = z.string().meta({ format: "date-time" });
/** A time that a caller gives, as one of these forms. */
export const givenTime = (form: z.ZodType<string, string>): z.ZodType<Date, string> =>
  form.transform((text, context) => {
    const time = readGivenTime(text);
    if (time) return time;
    context.addIssue({ code: "custom", message: "is no time of the years 1 to 9999" });
    return z.NEVER;
  });
/** An absolute address. */
export const address = z.string().meta({ format: "uri" });

const orgId = z
  .string()
  .min(1)
  .max(255)
  .meta({ description: "The organization, opaque and percent-encoded; the session must have chosen it." });
/** What is named by an id of another form is not found, which is no other answer than for one that is not there. */
const provisionId = z.string().meta({
  description:
    "An attempt to connect, `mspr_` and 32 hexadecimal digits, or an operation, `op_` and the same.",
});
const connectionId = z.string().meta({ description: "A connection: `sso_` and 32 hexadecimal digits." });

const setupLinkId = z.string().meta({ description: "A setup link: `msl_` and 32 hexadecimal digits." });

export const setupLinkPath = z.object({ id: setupLinkId });
export const organizationPath = z.object({ orgId });
export const organizationProvisionPath = z.object({ orgId, id: provisionId });
export const provisionPath = z.object({ id: provisionId });
export const connectionPath = z.object({ connectionId });
export const operatorConnectionPath = z.object({ id: connectionId });
export const organizationConnectionPath = z.object({ orgId, id: connectionId });
