import { listHealth } from "../../db/connection-health.ts";
import { type ConnectionFilter, listAllConnections } from "../../db/list-connections.ts";
import type { ConnectionId } from "../../domain/ids.ts";
import type { Logger } from "../../domain/logger.ts";
import { parseConnectionId } from "../../domain/parse-ids.ts";
import { connectionStatuses, type SsoConnection } from "../../domain/sso-connection.ts";
import { changeConnection } from "../../operations/change-connection.ts";
import { disconnect } from "../../operations/disconnect.ts";
import { showConnection } from "../../operations/show-connection.ts";
import { restore } from "../../operations/restore.ts";
import { readWhose } from "./filters.ts";
import type { OperatorOptions, Shell } from "./options.ts";
import { connectionJson, connectionLines, reasonsToday } from "./show-connection.ts";
import { tableLines } from "./table.ts";
import { readCount, requireOperator, withTools } from "./tools.ts";

const header = [
  "ID",
  "STATUS",
  "ORGANIZATION",
  "DIRECTORY",
  "DOMAIN",
  "LAST SIGN-IN",
  "SECRET ENDS",
  "ATTENTION",
];
const said = {
  suspend: "signs nobody in from now on; nothing changed at Microsoft",
  resume: "signs people in again",
  disconnect:
    "signs nobody in any more; a worker removes application and credentials at Microsoft, restorable for 30 days",
  restore: "is being restored; it is active once that has ended",
} as const;
type Order = keyof typeof said;
/** What a verb would log is in what it gives back. */
const silent: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** `connections [list]`, `show ID`, `suspend`, `resume`, `disconnect`, `restore ID`, and `replay`. @throws {TypeError} what to give instead */
export async function connections(
  [action = "list", target]: readonly string[],
  options: OperatorOptions,
  shell: Shell,
): Promise<number> {
  if (action === "list") return list(options, shell);
  if (action === "replay") return (await import("./replay.ts")).replay(options, shell);
  if (action === "show") return show(requireConnectionId(target), options, shell);
  if (!isOrder(action))
    throw new TypeError(
      "connections takes list, show ID, suspend ID, resume ID, disconnect ID, restore ID or replay",
    );
  return obey(action, requireConnectionId(target), options, shell);
}

async function show(id: ConnectionId, options: OperatorOptions, shell: Shell): Promise<number> {
  return withTools(shell, async (ctx) => {
    const shown = await showConnection({ ctx, input: { id } });
    const json = { ...viewOf(shown.connection), ...connectionJson(shown) };
    for (const line of options.json ? [JSON.stringify(json)] : connectionLines(shown)) shell.print(line);
    return 0;
  });
}

function isOrder(action: string): action is Order {
  return Object.hasOwn(said, action);
}

async function obey(order: Order, id: ConnectionId, options: OperatorOptions, shell: Shell): Promise<number> {
  const { name, reason } = requireOperator(shell, options.reason);
  const by = { actor: `operator:${name}`, reason, overridesOwner: options["override-owner"] } as const;
  return withTools(shell, async (tools) => {
    const ctx = { ...tools, log: silent };
    switch (order) {
      case "suspend":
      case "resume": {
        const status = order === "suspend" ? "suspended" : "active";
        const connection = await changeConnection({ ctx, input: { id, change: { status }, by } });
        shell.print(options.json ? JSON.stringify(viewOf(connection)) : `${id} ${said[order]}.`);
        return 0;
      }
      case "disconnect":
      case "restore": {
        const { ssoOriginOf } = await import("./sso-origin.ts");
        const act = order === "disconnect" ? disconnect : restore;
        const input = { ...by, id, ssoOrigin: ssoOriginOf(shell.environment) };
        const { connection, operation } = await act({ ctx, input });
        const { kind, status } = operation;
        shell.print(
          options.json
            ? JSON.stringify({ ...viewOf(connection), operation: { id: operation.id, kind, status } })
            : `${id} ${said[order]}. ms-provision show ${operation.id}`,
        );
        return 0;
      }
      default:
        return order satisfies never;
    }
  });
}

async function list(options: OperatorOptions, shell: Shell): Promise<number> {
  const filter = readFilter(options);
  const limit = readCount("--limit", options.limit, 50, 1000);
  const after = options.after === undefined ? undefined : requireConnectionId(options.after);
  return withTools(shell, async ({ database }) => {
    const found = await listAllConnections(database, filter, { limit: limit + 1, after });
    const page = found.slice(0, limit);
    const last = found.length > limit ? page.at(-1)?.id : undefined;
    const health = await listHealth(
      database,
      page.map(({ id }) => id),
    );
    const reasonsOf = (one: SsoConnection) => reasonsToday(one, health.get(one.id));
    if (options.json) {
      const data = page.map((one) => ({ ...viewOf(one), needs_attention: reasonsOf(one) }));
      shell.print(JSON.stringify({ data, list_metadata: { after: last ?? null } }));
      return 0;
    }
    const rows = page.map((one) => [
      one.id,
      one.status,
      one.orgId,
      one.entraTenantId,
      one.entraDomain ?? "",
      one.lastSignInAt?.toISOString() ?? "",
      one.status === "disconnected" ? "" : one.secretExpiresAt.toISOString(),
      reasonsOf(one)
        .map(({ code }) => code)
        .join(" "),
    ]);
    if (rows.length === 0) shell.print("No connections.");
    else for (const line of tableLines(header, rows)) shell.print(line);
    if (last !== undefined) shell.print(`More: --after ${last}`);
    return 0;
  });
}

function viewOf(connection: SsoConnection): object {
  const { id, status, orgId, projectId, entraTenantId, entraDomain, appId } = connection;
  return {
    id,
    status,
    organization_id: orgId,
    project_id: projectId,
    entra_tenant_id: entraTenantId,
    entra_domain: entraDomain,
    app_id: appId,
    last_sign_in_at: connection.lastSignInAt?.toISOString() ?? null,
    secret_expires_at: connection.secretExpiresAt.toISOString(),
    access_released_at: connection.accessReleasedAt?.toISOString() ?? null,
    disconnected_at: connection.disconnectedAt?.toISOString() ?? null,
  };
}

function readFilter(options: OperatorOptions): ConnectionFilter {
  const { status, attention } = options;
  const whose = readWhose(options);
  const known = connectionStatuses.find((one) => one === status);
  if (status !== undefined && known === undefined)
    throw new TypeError(`--status is one of ${connectionStatuses.join(", ")}`);
  return { ...whose, status: known, needsAttention: attention };
}

function requireConnectionId(given: string | undefined): ConnectionId {
  const id = parseConnectionId(given ?? "");
  if (id === undefined) throw new TypeError("give a connection's id, sso_…");
  return id;
}
