import type { Clock } from "../../domain/clock.ts";
import { CodedError } from "../../domain/coded-error.ts";
import { factsOf } from "../../domain/error-codes.ts";
import { describeMicrosoftCode } from "../../domain/microsoft-codes.ts";
import type { OwnApplication } from "../../entra/own-application.ts";
import { fail, type Finding, pass, skip, warn } from "./check.ts";

const soonDays = 30;
const dayMs = 86_400_000;
const replaceIt = "make a new client secret in Entra and set AUTHIO_MS_PROVISION_CLIENT_SECRET";

/** Our own credential, tried: Microsoft takes it, for how long, and with which rights. */
export async function checkCredential(look: () => Promise<OwnApplication>, clock: Clock): Promise<Finding> {
  let own: OwnApplication;
  try {
    own = await look();
  } catch (error) {
    return refusal(error);
  }
  const { roles, registration } = own;
  const endsAt = registration?.secretEndsAt;
  const days = endsAt && Math.floor((endsAt.getTime() - clock.now().getTime()) / dayMs);
  const told = `Microsoft takes it; ${days === undefined ? "its end cannot be read" : `${days} days left`}; roles: ${roles.join(", ") || "none here"}`;
  if (days !== undefined && days < soonDays) return warn(told, `${replaceIt} before then`);
  const wide = roles.filter((role) => role.endsWith(".All"));
  if (wide.length > 0)
    return warn(
      `${told}. ${wide.join(", ")} reaches more than this product needs`,
      "Application.ReadWrite.OwnedBy is enough; a role that ends in .All lets a leak reach all applications of each customer",
    );
  return pass(told);
}

const meaningOf = (error: unknown): string | undefined =>
  error instanceof CodedError && error.microsoft
    ? describeMicrosoftCode(error.microsoft.code)?.meaning
    : undefined;

function refusal(error: unknown): Finding {
  const code = error instanceof CodedError ? error.code : undefined;
  switch (code) {
    case "provisioning_credential_refused":
      return fail(`Microsoft refuses it: ${meaningOf(error) ?? "wrong, or expired"}`, replaceIt);
    case "consent_not_effective":
      return skip(
        "Microsoft cannot try it there: the app is not approved in AUTHIO_MS_HOME_TENANT_ID",
        "approve the app once in your own tenant",
      );
    case undefined:
      throw error;
    default:
      return fail(`cannot be tried (${code}): ${factsOf(code).title}`, factsOf(code).action);
  }
}
