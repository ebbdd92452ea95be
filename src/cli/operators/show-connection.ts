import { factsOfAttention } from "../../domain/attention.ts";
import type { AttentionReason, ConnectionHealth } from "../../domain/connection-health.ts";
import { factsOf } from "../../domain/error-codes.ts";
import { type SsoConnection, usersConsented } from "../../domain/sso-connection.ts";
import type { ShownConnection } from "../../operations/show-connection.ts";
import { tableLines } from "./table.ts";

/** What needs attention; nothing of a connection that is disconnected. */
export function reasonsToday(
  { status }: SsoConnection,
  health: ConnectionHealth | undefined,
): readonly AttentionReason[] {
  return status === "disconnected" ? [] : (health?.reasons ?? []);
}

function consentWords(isConsented: boolean | null): string {
  if (isConsented === null) return "not known yet";
  return isConsented ? "given for all" : "missing: users are asked";
}

/** `connections show ID`, for people. */
export function connectionLines({ connection, health, failures, signIns }: ShownConnection): string[] {
  const reasons = reasonsToday(connection, health);
  const facts: [string, string][] = [
    ["connection", `${connection.id}, ${connection.status}`],
    ...(connection.accessReleasedAt === null
      ? []
      : [["our access", `released ${connection.accessReleasedAt.toISOString()}`] as [string, string]]),
    ["organization", connection.orgId],
    ["directory", [connection.entraTenantId, connection.entraDomain].filter(Boolean).join(", ")],
    ["application", `client id ${connection.appId}, object ${connection.appObjectId}`],
    ["access", connection.access],
    ["consent", consentWords(usersConsented(connection))],
    ["secret ends", connection.secretExpiresAt.toISOString()],
    ["last sign-in", connection.lastSignInAt?.toISOString() ?? "nobody yet"],
    ["sign-ins", `${signIns} within 30 days`],
    ["looked at", health?.lookedAt?.toISOString() ?? "not yet"],
    ...(health?.errorCode
      ? [["last look", `${health.errorCode}: ${factsOf(health.errorCode).title}`] as [string, string]]
      : []),
  ];
  return [
    ...facts.map(([name, value]) => `${name.padEnd(13)} ${value}`),
    ...section(
      "NEEDS ATTENTION",
      reasons.map(({ code, since }) => {
        const { title, action } = factsOfAttention(code);
        return `${code} since ${since}: ${title}. ${action}`;
      }),
    ),
    ...section("REFUSED SIGN-INS", failureLines(failures)),
  ];
}

/** The same for machines. */
export function connectionJson({ connection, health, failures, signIns }: ShownConnection): object {
  return {
    access: connection.access,
    users_consented: usersConsented(connection),
    sign_ins_30_days: signIns,
    looked_at: health?.lookedAt?.toISOString() ?? null,
    last_look_error: health?.errorCode ?? null,
    needs_attention: reasonsToday(connection, health),
    sign_in_failures: failures.map(({ day, code, count }) => ({ day, code, count })),
  };
}

function failureLines(failures: ShownConnection["failures"]): string[] {
  if (failures.length === 0) return [];
  return tableLines(
    ["DAY", "COUNT", "CODE", "LAST"],
    failures.map(({ day, code, count, lastAt }) => [day, String(count), code, lastAt.toISOString()]),
  );
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ["", title, ...lines.map((line) => `  ${line}`)];
