import { findRequest, listRequests } from "../../db/provision-requests/find-request.ts";
import { CodedError } from "../../domain/coded-error.ts";
import { factsOf } from "../../domain/error-codes.ts";
import { describeMicrosoftCode } from "../../domain/microsoft-codes.ts";
import { type AccessChoice, type ProvisionRequest, requestStatuses } from "../../domain/provision-request.ts";
import type { ProvisionRuns } from "../../domain/provision-runs.ts";
import { cancel as cancelOne } from "../../operations/cancel.ts";
import { retry as retryOne } from "../../operations/retry.ts";
import { type OperatorOptions, requireId, requireOperator, type Shell, withTools } from "./tools.ts";

export async function list(options: OperatorOptions, shell: Shell): Promise<number> {
  const status = requestStatuses.find((known) => known === options.status);
  if (options.status !== undefined && !status)
    throw new TypeError(`--status is one of ${requestStatuses.join(", ")}`);
  await withTools(shell, async ({ database, runs }) => {
    const requests = await listRequests(database, { orgId: options.org, status, limit: 50 });
    const waits = await Promise.all(requests.map((request) => waitOf(request, runs)));
    for (const [index, request] of requests.entries())
      for (const line of [lineOf(request), waits[index]]) if (line !== undefined) shell.print(line);
    if (requests.length === 0) shell.print("No requests.");
  });
  return 0;
}

export async function show(id: string | undefined, shell: Shell): Promise<number> {
  const requestId = requireId(id);
  await withTools(shell, async ({ database, runs }) => {
    const request = await findRequest(database, requestId);
    if (!request) throw new CodedError("not_found", requestId);
    shell.print(lineOf(request));
    const steps = await runs.steps(request).catch(() => undefined);
    if (steps === undefined) shell.print("  Temporal does not answer, so the steps are not known now.");
    for (const step of steps ?? [])
      shell.print(
        `  ${step.name.padEnd(24)} ${step.state.padEnd(9)} attempts ${step.attempts} ${step.note ?? ""}`,
      );
    const wait = await waitOf(request, runs);
    if (wait !== undefined) shell.print(wait);
    if (request.errorCode)
      shell.print(`  ${factsOf(request.errorCode).title}. ${factsOf(request.errorCode).action}`);
    const { errorMicrosoft: microsoft } = request;
    if (microsoft)
      shell.print(
        `  Microsoft: ${microsoft.code}, correlation ${microsoft.correlationId ?? "unknown"}. ${describeMicrosoftCode(microsoft.code)?.meaning ?? ""}`,
      );
    if (request.cleanup === "needs_operator")
      shell.print(`  Left in tenant ${request.entraTenantId}: application object ${request.appObjectId ?? "unknown"}, client id ${request.appId ?? "unknown"}.
  Delete it there or with: ms-provision sweep --tenant ${request.entraTenantId} --delete ${request.appObjectId ?? "OBJECT_ID"} --reason …
  If it is gone already: ms-provision sweep --acknowledge ${request.id} --reason …`);
  });
  return 0;
}

export async function retry(id: string | undefined, options: OperatorOptions, shell: Shell): Promise<number> {
  const [requestId, { name, reason }] = [requireId(id), requireOperator(shell, options.reason)];
  const { access, "secret-lifetime-days": days } = options;
  if (access !== undefined && access !== "everyone" && access !== "assigned")
    throw new TypeError("--access is everyone or assigned");
  const choice: AccessChoice | undefined = access;
  const secretLifetimeDays = days === undefined ? undefined : Number(days);
  if (secretLifetimeDays !== undefined && !(secretLifetimeDays >= 1 && secretLifetimeDays <= 730))
    throw new TypeError("--secret-lifetime-days is 1 to 730");
  await withTools(shell, async (ctx) => {
    const order = { operator: name, reason, access: choice, secretLifetimeDays };
    const { request, isStarted } = await retryOne({ ctx, input: { id: requestId, order } });
    shell.print(
      `${request.id} is being retried, generation ${request.generation}${isStarted ? "" : "; Temporal did not take it yet, a worker starts it as soon as it does"}`,
    );
  });
  return 0;
}

export async function cancel(
  id: string | undefined,
  options: OperatorOptions,
  shell: Shell,
): Promise<number> {
  const [requestId, operator] = [requireId(id), requireOperator(shell, options.reason)];
  await withTools(shell, async (ctx) => {
    const input = { id: requestId, by: { kind: "operator", ...operator } } as const;
    const { request, isTold } = await cancelOne({ ctx, input });
    shell.print(
      `${request.id} is cancelled; cleanup ${request.cleanup}${isTold ? "" : "; Temporal did not take it yet, a worker passes it on as soon as it does"}`,
    );
  });
  return 0;
}

/** What an unfinished request waits for, where Temporal can tell. */
async function waitOf(request: ProvisionRequest, runs: ProvisionRuns): Promise<string | undefined> {
  if (request.status !== "provisioning" && request.cleanup !== "pending") return undefined;
  const waiting = await runs.waiting(request).catch(() => undefined);
  if (!waiting) return undefined;
  const { activity, attempt, code } = waiting;
  return `  waits at ${activity}, attempt ${attempt}: ${code}. ${factsOf(code).title}`;
}

function lineOf(request: ProvisionRequest): string {
  const outcome = request.errorCode ?? request.connectionId ?? "";
  const kind = request.kind === "renewal" ? "renewal " : "";
  return `${request.id}  ${kind}${request.status.padEnd(12)} ${request.orgId}  cleanup ${request.cleanup}  generation ${request.generation}  ${request.createdAt.toISOString()}  ${outcome}`;
}
