import { Context } from "@temporalio/activity";
import { requireCurrentRun } from "../db/connection-operations/fence.ts";
import {
  clearCreateIntent,
  noteCreateIntent,
  noteCreateRefused,
  recordApplication,
} from "../db/connection-operations/notes.ts";
import { findLiveConnection } from "../db/sso-connections.ts";
import type { ConnectionOperation, FencedRun, ApplicationIds } from "../domain/connection-operation.ts";
import { markedNameOf, markOf } from "../domain/marks.ts";
import type { GraphApplications } from "../entra/graph-applications.ts";
import { MicrosoftError } from "../entra/microsoft-error.ts";
import { discoverTenant } from "../entra/oidc-discovery.ts";
import { adoptApplication } from "./adopt-application.ts";
import type { ActivityDeps } from "./deps.ts";
import type { Step } from "./fence.ts";
import { notReady } from "./not-ready.ts";

/**
 * Graph gives no idempotency key, so the row is the fence: ids known → use them; creation intended → look for the
 * mark before creating again; neither → adopt the connection's application, or create.
 */
export function instantiateApplication(deps: ActivityDeps): Step<"instantiateApplication"> {
  return async (_input, run) => {
    const operation = await requireCurrentRun(deps.database, run, "connect");
    if (operation.application) return { ...operation.application, adopted: operation.adopted };
    const signal = Context.current().cancellationSignal;
    const applications = deps.applicationsOf(operation.entraTenantId, signal);
    if (operation.createIntentAt === null) {
      // A worker that dies between intent and call makes the next one look for nothing until the window closes: what
      // else the call takes is asked for before.
      const [connection] = await Promise.all([
        deps.database.run((q) => findLiveConnection(q, operation)),
        requireIssuer(deps, operation, signal),
        applications.prepare(),
      ]);
      const adopted = connection && (await adoptApplication(deps, run, connection, applications));
      if (adopted) return { ...adopted, adopted: true };
    } else {
      const marked = await findMarked(operation, applications);
      if (marked) {
        await recordApplication(deps.database, run, { ...marked, adopted: false });
        return { ...marked, adopted: false };
      }
      // The answer was lost and lists lag behind: look until the window closes, in Temporal's time. A refusal was an
      // answer, so one look is enough.
      if (!operation.createRefused && Date.now() - operation.createIntentAt.getTime() < deps.adoptWindowMs)
        throw notReady("the creation's outcome is unknown");
    }
    const created = await create(deps, run, operation, applications);
    return { ...created, adopted: false };
  };
}

/** @throws {MicrosoftError} tenant_not_found, issuer_mismatch: nobody could sign in with what would be made */
async function requireIssuer(
  { cloud, telemetry, timeoutMs }: ActivityDeps,
  { entraTenantId }: ConnectionOperation,
  signal: AbortSignal,
): Promise<void> {
  await discoverTenant(cloud, entraTenantId, { telemetry, signal, timeoutMs });
}

async function findMarked(
  operation: ConnectionOperation,
  applications: GraphApplications,
): Promise<ApplicationIds | undefined> {
  const [marked] = await applications.findByMark({
    displayName: markedNameOf(operation),
    tag: markOf(operation),
  });
  if (!marked) return undefined;
  const servicePrincipal = await applications.findServicePrincipal(marked.appId);
  if (!servicePrincipal) throw notReady("its service principal is not visible");
  return { appObjectId: marked.id, appId: marked.appId, servicePrincipalId: servicePrincipal.id };
}

async function create(
  deps: ActivityDeps,
  run: FencedRun,
  operation: ConnectionOperation,
  applications: GraphApplications,
): Promise<ApplicationIds> {
  const intentAt = await noteCreateIntent(deps.database, run);
  try {
    const created = await applications.instantiate(markedNameOf(operation));
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
