import { factsOf } from "../../domain/error-codes.ts";
import { describeMicrosoftCode } from "../../domain/microsoft-codes.ts";
import { factsOfWork, type WorkFacts } from "../../domain/work.ts";
import { operatorView } from "../../operations/operator-view.ts";
import { type ShownProvision, showProvision } from "../../operations/show-provision.ts";
import { tableLines } from "./table.ts";
import type { OperatorOptions, Shell } from "./options.ts";
import { requireId, withTools } from "./tools.ts";

/** `show ID`: row, run, Microsoft's ids, audit trail, and what to do. */
export async function show([id]: readonly string[], options: OperatorOptions, shell: Shell): Promise<number> {
  const requestId = requireId(id);
  return withTools(shell, async (ctx) => {
    const shown = await showProvision({ ctx, input: { id: requestId } });
    const workflowId = shown.work.operation?.workflowId;
    const link = workflowId ? await ctx.workflowLink(workflowId) : undefined;
    const lines = options.json ? [JSON.stringify(jsonOf(shown, link))] : linesOf(shown, link);
    for (const line of lines) shell.print(line);
    return 0;
  });
}

function jsonOf({ work, steps, waiting, trail, next }: ShownProvision, link: string | undefined): object {
  return {
    ...operatorView(work),
    workflow: link ?? null,
    temporal: steps === undefined ? "away" : "answers",
    steps: steps ?? null,
    waits_at: waiting ?? null,
    audit: trail,
    next,
  };
}

function linesOf(shown: ShownProvision, link: string | undefined): string[] {
  const { work, steps, waiting, trail, next } = shown;
  const request = factsOfWork(work);
  const facts: [string, string | null | undefined][] = [
    [
      request.operationId === request.id ? "operation" : "request",
      `${request.id}, ${request.kind}, generation ${request.generation}`,
    ],
    ["status", `${request.status}${request.cleanup === "none" ? "" : `, cleanup ${request.cleanup}`}`],
    ["organization", [request.orgId, request.orgName].filter((one) => one !== null).join(", ")],
    ["started by", `${request.startedBy}, ${request.createdAt.toISOString()}`],
    ["directory", request.entraTenantId ?? (request.tenantHint && `${request.tenantHint} (not proved)`)],
    ["connection", request.connectionId],
    [
      "application",
      request.application &&
        `client id ${request.application.appId}, object ${request.application.appObjectId}`,
    ],
    ["joined", request.joinedRequestId],
    ["workflow", link ?? request.workflowId],
    ["ended", request.completedAt?.toISOString()],
    ["code", request.errorCode && `${request.errorCode}: ${factsOf(request.errorCode).title}`],
    ["Microsoft", microsoftOf(request)],
    [
      "waits at",
      waiting &&
        `${waiting.activity}, attempt ${waiting.attempt}: ${waiting.code}. ${factsOf(waiting.code).title}`,
    ],
  ];
  return [
    ...facts.flatMap(([name, value]) => (value ? [`${name.padEnd(13)} ${value}`] : [])),
    ...section("STEPS", stepLines(steps)),
    ...section(
      "AUDIT",
      trail.map(
        ({ at, actor, action, generation, detail }) =>
          `${at.toISOString()}  ${actor}  ${action}  generation ${generation}  ${JSON.stringify(detail)}`,
      ),
    ),
    ...section("WHAT TO DO", next),
  ];
}

function stepLines(steps: ShownProvision["steps"]): string[] {
  if (steps === undefined) return ["Temporal does not answer, so the steps are not known now."];
  if (steps.length === 0) return [];
  return tableLines(
    ["STEP", "STATE", "ATTEMPTS", "ENDED", "NOTE"],
    steps.map(({ name, state, attempts, endedAt = "", note = "" }) => [
      name,
      state,
      String(attempts),
      endedAt,
      note,
    ]),
  );
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ["", title, ...lines.map((line) => `  ${line}`)];

function microsoftOf({ errorMicrosoft: microsoft }: WorkFacts): string | undefined {
  if (!microsoft) return undefined;
  const meaning = describeMicrosoftCode(microsoft.code)?.meaning;
  return `${microsoft.code}, correlation ${microsoft.correlationId ?? "unknown"}${meaning ? `. ${meaning}` : ""}`;
}
