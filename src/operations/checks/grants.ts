import { readAuditProtection } from "../../db/audit-protection.ts";
import type { Database } from "../../db/client.ts";
import { missingRights } from "../../db/role-rights.ts";
import { fail, type Finding, pass, warn } from "./check.ts";

const namedMax = 3;

/** The processes' role can do their work, and cannot change the audit trail that they write. */
export async function checkGrants(database: Database): Promise<Finding> {
  const missing = await database.run(missingRights);
  if (missing.length > 0)
    return fail(
      `this role lacks ${missing.length} rights: ${missing.slice(0, namedMax).join(", ")}${missing.length > namedMax ? ", …" : ""}`,
      "have DATABASE_URL name a member of authio_runtime, and run migrate as the tables' owner, which grants",
    );
  switch (await database.run(readAuditProtection)) {
    case "protected":
      return pass("this role can add to the audit trail and change nothing in it");
    case "owned":
      return warn(
        "the audit trail could be changed: this role owns it and may switch its trigger off",
        "run api and worker as a role of their own, with src/db/grants.sql",
      );
    default:
      return warn(
        "the audit trail can be changed: its trigger is off",
        "alter table audit_events enable trigger audit_events_append_only",
      );
  }
}
