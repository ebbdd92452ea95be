import { z } from "zod";

/** What is wanted of Microsoft, whoever approves it: by the button, and by a setup link. */
export const wantedFields = {
  access: z
    .enum(["everyone", "assigned"])
    .optional()
    .meta({ description: "Who may use the application: everyone, or whom an administrator assigns." }),
  connection: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .meta({ description: "Connect again: the directory of this connection and no other." }),
  additional: z
    .literal(true)
    .optional()
    .meta({ description: "Another directory beside those that are connected; not with `connection`." }),
  organization_name: z
    .string()
    .optional()
    .meta({ description: "For display, over the session's `org_name`." }),
};

interface Wanted {
  readonly connection?: string | undefined;
  readonly additional?: true | undefined;
}

export const isOneDirectory = ({ connection, additional }: Wanted): boolean =>
  connection === undefined || additional === undefined;
export const notOneDirectory = { path: ["additional"], error: "is not possible together with connection" };
/** The same for whoever reads the description. */
export const oneDirectory = { not: { required: ["connection", "additional"] } };
