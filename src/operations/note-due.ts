import type { Database } from "../db/client.ts";
import { warnOfExpiry } from "../db/expiry-warnings.ts";
import { forgetSignInFailures } from "../db/sign-in-failures.ts";
import { tellSignIns } from "../db/sign-ins.ts";

/**
 * Writes into the audit trail what time brings: sign-ins of days that are over, and secrets that end while their renewal
 * fails. Safe to repeat and to run in several workers at once.
 */
export async function noteDue({ ctx }: { ctx: { readonly database: Database } }): Promise<void> {
  await tellSignIns(ctx.database);
  await warnOfExpiry(ctx.database);
  await forgetSignInFailures(ctx.database);
}
