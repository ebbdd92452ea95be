import { Context } from "@temporalio/activity";
import {
  type CurrentRequest,
  clearCreateIntent,
  noteCreateIntent,
  noteCreateRefused,
  recordApplication,
  requireCurrentRun,
} from "../db/provision-requests/run.ts";
import { findLiveConnection } from "../db/sso-connections.ts";
import { CodedError } from "../domain/coded-error.ts";
import type { ApplicationIds } from "../domain/provision-activities.ts";
import type { FencedRun, RunRef } from "../domain/provision-contract.ts";
import { markOf } from "../domain/provision-request.ts";
import type { GraphApplications } from "../entra/graph-applications.ts";
import { MicrosoftError } from "../entra/microsoft-error.ts";
import { adoptApplication } from "./adopt-application.ts";
import type { ActivityDeps } from "./deps.ts";
import type { Step } from "./fence.ts";

const lookAgainMs = 2000;

/** The display name that carries the mark until `configureOidc` moves it to the tags. */
export function markedName(run: RunRef): string {
  return `Authio SSO ${markOf(run.requestId, run.generation)}`;
}

/**
 * Graph gives no idempotency key, so the row is the fence: ids known → use them; creation intended → look for the
 * mark before creating again; neither → adopt the connection's application, or create.
 */
export function instantiateApplication(deps: ActivityDeps): Step<"instantiateApplication"> {
  return async (_input, run) => {
    const request = await requireCurrentRun(deps.database, run, "connect");
    const recorded = recordedIds(request);
    if (recorded) return { ...recorded, adopted: request.adopted };
    const applications = deps.applicationsOf(request.entraTenantId, Context.current().cancellationSignal);
    const adopted =
      request.createIntentAt === null && (await adoptFromConnection(deps, run, request, applications));
    if (adopted) return { ...adopted, adopted: true };
    if (request.createIntentAt !== null) {
      const marked = await findMarked(run, applications);
      if (marked) {
        await recordApplication(deps.database, run, { ...marked, adopted: false });
        return { ...marked, adopted: false };
      }
      // The answer was lost and lists lag behind: look until the window closes, in Temporal's time. A refusal was an
      // answer, so one look is enough.
      if (!request.createRefused && Date.now() - request.createIntentAt.getTime() < deps.adoptWindowMs)
        throw new CodedError("application_not_ready", "the creation's outcome is unknown", {
          retryAfterMs: lookAgainMs,
        });
    }
    const created = await create(deps, run, applications);
    return { ...created, adopted: false };
  };
}

function recordedIds(request: CurrentRequest): ApplicationIds | undefined {
  const { appObjectId, appId, servicePrincipalId } = request;
  return appObjectId && appId && servicePrincipalId ? { appObjectId, appId, servicePrincipalId } : undefined;
}

async function adoptFromConnection(
  deps: ActivityDeps,
  run: FencedRun,
  request: CurrentRequest,
  applications: GraphApplications,
): Promise<ApplicationIds | undefined> {
  const connection = await deps.database.run((q) => findLiveConnection(q, request));
  return connection && adoptApplication(deps, run, connection, applications);
}

async function findMarked(run: RunRef, applications: GraphApplications): Promise<ApplicationIds | undefined> {
  const [marked] = await applications.findByMark({
    displayName: markedName(run),
    tag: markOf(run.requestId, run.generation),
  });
  if (!marked) return undefined;
  const servicePrincipal = await applications.findServicePrincipal(marked.appId);
  if (!servicePrincipal)
    throw new CodedError("application_not_ready", "its service principal is not visible", {
      retryAfterMs: lookAgainMs,
    });
  return { appObjectId: marked.id, appId: marked.appId, servicePrincipalId: servicePrincipal.id };
}

async function create(
  deps: ActivityDeps,
  run: FencedRun,
  applications: GraphApplications,
): Promise<ApplicationIds> {
  const intentAt = await noteCreateIntent(deps.database, run);
  try {
    const created = await applications.instantiate(markedName(run));
    await recordApplication(deps.database, run, { ...created, adopted: false });
    return created;
  } catch (error) {
    if (error instanceof MicrosoftError && isDefiniteRefusal(error))
      await clearCreateIntent(deps.database, run, intentAt);
    // The intent stays: this may be the last attempt, and the undo must look all the same.
    else if (error instanceof MicrosoftError && error.code === "permission_not_effective")
      await noteCreateRefused(deps.database, run, intentAt);
    throw error;
  }
}

/**
 * Refusals that come before any work and are tried again: the next attempt then need not look for a mark. A final
 * refusal keeps its intent, so that the undo looks for what may be there all the same.
 */
function isDefiniteRefusal(error: MicrosoftError): boolean {
  return error.facts.status === 429 || error.code === "consent_not_effective";
}
