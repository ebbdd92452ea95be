import { placeEvents } from "../../../src/db/events.ts";
import type { AuditAction } from "../../../src/domain/audit-action.ts";
import { type AuditDetail, eventNameOf } from "../../../src/domain/events.ts";
import { credentialOwnerIn } from "../../../src/domain/marks.ts";
import type { SimulatedApplication } from "../../../src/simulator/directory.ts";
import type { SimulatedCall } from "../../../src/simulator/options.ts";
import type { Product } from "../../support/product.ts";
import { credentialsOf } from "../../support/removals.ts";
import type { Subject } from "./invariants.ts";

type Row = Record<string, unknown>;

export const isLive = (connection: Row): boolean =>
  ["active", "suspended"].includes(String(connection["status"]));

const isOurs = (name: string | null): boolean => credentialOwnerIn(name ?? "") !== undefined;

/** What holds of a connection that was disconnected or restored at any time; names each invariant that is broken. */
export async function brokenByRemoval(subject: Subject, connection: Row): Promise<string[]> {
  const operations = (await subject.product.sql`
    select * from connection_operations where connection_id = ${connection["id"] as string} order by created_at`) as Row[];
  const application = subject.tenant.applications.find(({ id }) => id === connection["app_object_id"]);
  return [
    ...(isLive(connection)
      ? sameAsBefore(connection, operations, application)
      : nothingLeft(connection, operations, application)),
    ...(await toldOnce(subject.product, connection)),
  ];
}

/** Without a secret here, and where the removal is said to be done without a credential there. */
function nothingLeft(
  connection: Row,
  operations: readonly Row[],
  application: SimulatedApplication | undefined,
): string[] {
  const broken: string[] = [];
  if (connection["sealed_secret"] !== null) broken.push("disconnected: the row has a secret");
  if (connection["disconnected_at"] === null) broken.push("disconnected: the row does not say since when");
  const last = operations.findLast(({ kind, status }) => kind === "disconnect" && status === "succeeded");
  const isListed = operations.some(({ cleanup }) => cleanup === "needs_operator" || cleanup === "pending");
  if (!last || isListed) return broken;
  if (application && application.deletedMs === null) broken.push("disconnected: the application is there");
  const left = application?.credentials.filter(({ displayName }) => isOurs(displayName)).length ?? 0;
  if (left > 0) broken.push(`disconnected: ${left} credentials are left at Microsoft`);
  return broken;
}

/** After a restore: the ids of the last connect, so that every `sub` stays, and no credential but the new one. */
function sameAsBefore(
  connection: Row,
  operations: readonly Row[],
  application: SimulatedApplication | undefined,
): string[] {
  const ended = operations.filter(({ status }) => status === "succeeded");
  if (ended.at(-1)?.["kind"] !== "restore") return [];
  const made = ended.find(({ kind }) => kind === "connect");
  const broken = ["app_object_id", "app_id", "service_principal_id", "org_id", "entra_tenant_id"]
    .filter((name) => connection[name] !== made?.[name])
    .map((name) => `restored: ${name} is another one`);
  if (connection["disconnected_at"] !== null) broken.push("restored: the row says since when it is not");
  if (application?.servicePrincipalDeletedMs !== null)
    broken.push("restored: the service principal is still deleted");
  const foreign = application ? foreignOf(application, connection) : [];
  if (foreign.length > 0) broken.push(`restored: ${foreign.length} foreign credentials came back`);
  return broken;
}

/** All but the connection's secret. */
const foreignOf = (one: SimulatedApplication, connection: Row): readonly unknown[] =>
  credentialsOf({
    ...one,
    credentials: one.credentials.filter(({ keyId }) => keyId !== connection["secret_key_id"]),
  });

/** Each audit row that is an event has one place in the feed, and each turn of the status is told once. */
async function toldOnce(product: Product, connection: Row): Promise<string[]> {
  await placeEvents(product.api.database);
  const rows = (await product.sql`
    select a.action, a.detail, (select array_agg(e.name) from events e where e.audit_id = a.id) as names
    from audit_events a where a.connection_id = ${connection["id"] as string} order by a.id`) as Row[];
  const expected = rows.map(({ action, detail }) =>
    eventNameOf(action as AuditAction, detail as AuditDetail),
  );
  const broken = rows.flatMap(({ action, names }, index) => {
    const found = (names ?? []) as string[];
    const [name] = [expected[index]].filter((one) => one !== undefined);
    return JSON.stringify(found) === JSON.stringify(name === undefined ? [] : [name])
      ? []
      : [`told once: ${String(action)} is told as ${found.join(", ") || "nothing"}`];
  });
  const turns = expected.filter(
    (name) => name === "sso.connection.deleted" || name === "sso.connection.restored",
  );
  const isAlternating = turns.every(
    (name, index) => (index % 2 === 0) === (name === "sso.connection.deleted"),
  );
  if (!isAlternating) broken.push(`told once: ${turns.join(", ")}`);
  if ((turns.at(-1) === "sso.connection.deleted") === isLive(connection))
    broken.push(`told once: the last is ${String(turns.at(-1))}, the row is ${String(connection["status"])}`);
  return broken;
}

const takingAway: readonly SimulatedCall[] = ["deleteApplication", "removePassword", "patchApplication"];

/**
 * Watches that nothing is taken away at Microsoft for a disconnection before the row is `disconnected`; gives what was
 * seen to be, in a list that grows. Takes the place of the simulator's hook.
 */
export function watchOrder(product: Product): readonly string[] {
  const seen: string[] = [];
  product.simulator.world.hook = async (call, phase, tenantId) => {
    if (phase !== "before" || !takingAway.includes(call)) return "go on";
    const [row] = (await product.sql`
      select c.status, o.kind from connection_operations o join sso_connections c on c.id = o.connection_id
      where o.entra_tenant_id = ${tenantId} and o.status = 'running' and o.kind = 'disconnect'`) as Row[];
    if (row && row["status"] !== "disconnected") seen.push(`${call}: the row is ${String(row["status"])}`);
    return "go on";
  };
  return seen;
}
