import { Context } from "@temporalio/activity";
import { requireCurrentRun } from "../db/connection-operations/fence.ts";
import { noteUsersConsented } from "../db/connection-operations/notes.ts";
import type { ConnectionOperation } from "../domain/connection-operation.ts";
import { markOf } from "../domain/marks.ts";
import { launchUrlOf, redirectUriOf } from "../domain/sso-connection.ts";
import { CodedError } from "../domain/coded-error.ts";
import { factsOf } from "../domain/error-codes.ts";
import type { ServicePrincipalId } from "../domain/ids.ts";
import { cutName, displayNameUnitsMax } from "../entra/cut-name.ts";
import { type GraphApplications, ourTag } from "../entra/graph-applications.ts";
import { MicrosoftError } from "../entra/microsoft-error.ts";
import type { ActivityDeps } from "./deps.ts";
import { applicationOf, type Step } from "./fence.ts";

/** Writes the whole desired state of the application, then who may use it. */
export function configureOidc(deps: ActivityDeps): Step<"configureOidc"> {
  return async (_input, run) => {
    const operation = await requireCurrentRun(deps.database, run, "connect");
    const { adopted } = operation;
    const { appObjectId, servicePrincipalId } = applicationOf(operation);
    const applications = deps.applicationsOf(operation.entraTenantId, Context.current().cancellationSignal);
    const redirectUri = redirectUriOf(deps.ssoOrigin, operation.connectionId);
    await applications.configure(appObjectId, {
      displayName: displayNameOf(operation),
      redirectUri,
      homePageUrl: launchUrlOf(deps.ssoOrigin, operation.connectionId),
      tags: adopted ? await keptTags(applications.find(appObjectId)) : [ourTag, markOf(operation)],
      notes: `Managed by Authio through Microsoft Graph. Organization ${operation.orgId}, connection ${operation.connectionId}.`,
    });
    const access = operation.access ?? (adopted ? undefined : "everyone");
    if (access !== undefined)
      await applications.setAssignmentRequired(servicePrincipalId, access === "assigned");
    const usersConsented = await consentForUsers(applications, servicePrincipalId, deps.pace?.budgetFactor);
    if (usersConsented) await noteUsersConsented(deps.database, run);
    return { redirectUri, usersConsented };
  };
}

const consentAttemptsMax = 4;
/** What was just made is not known everywhere: such a refusal passes, and people would meet a prompt for good. */
const consentLagMs = 20_000;

/** A convenience, so it may cost a few attempts and never the connection. */
async function consentForUsers(
  applications: GraphApplications,
  id: ServicePrincipalId,
  budgetFactor = 1,
): Promise<boolean> {
  try {
    return await applications.consentForUsers(id);
  } catch (error) {
    if (!(error instanceof MicrosoftError)) throw error;
    const { attempt, scheduledTimestampMs } = Context.current().info;
    const triedForMs = (Date.now() - scheduledTimestampMs) * budgetFactor;
    const isLag = error.code === "application_not_ready" && triedForMs < consentLagMs;
    if (isLag || (factsOf(error.code).retryForMs > 0 && attempt < consentAttemptsMax)) throw error;
    return false;
  }
}

/** An adoption never rewrites the mark, so the tags that are there stay. */
async function keptTags(
  found: Promise<{ tags?: string[] | null | undefined } | undefined>,
): Promise<readonly string[]> {
  const application = await found;
  if (!application) throw new CodedError("application_not_ready", "the adopted application is not visible");
  return [...new Set([...(application.tags ?? []), ourTag])];
}

const namePrefix = "Authio SSO – ";

/** What the customer's administrator reads in Entra: no control, format or surrogate characters, within Entra's limit. */
export function displayNameOf(operation: Pick<ConnectionOperation, "orgName" | "orgId">): string {
  const fits = (text: string) => cutName(text, displayNameUnitsMax - namePrefix.length);
  const cleaned = (operation.orgName ?? "")
    .normalize("NFC")
    .replace(/\p{C}/gu, "")
    .replace(/\s+/g, " ")
    .trim();
  return namePrefix + (fits(cleaned) || fits(operation.orgId));
}
