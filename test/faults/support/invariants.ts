import { type EntraTenantId } from "../../../src/domain/ids.ts";
import { parseMasterKeyring } from "../../../src/domain/master-keyring.ts";
import type { SsoConnection } from "../../../src/domain/sso-connection.ts";
import { storageContext } from "../../../src/sealing/contexts.ts";
import { open } from "../../../src/sealing/envelope.ts";
import { environmentKeyWrapping } from "../../../src/sealing/environment-key-wrapping.ts";
import {
  type SimulatedApplication,
  secretHashOf,
  type SimulatedTenant,
} from "../../../src/simulator/directory.ts";
import { leaks, textOf } from "../../support/plaintext.ts";
import type { Product } from "../../support/product.ts";
import { brokenByRemoval, isLive } from "./invariants-of-removal.ts";

/** The world of one click, or of an operation without one, after a case. */
export interface Subject {
  readonly product: Product;
  readonly tenant: SimulatedTenant;
  readonly requestId: string;
}

type Row = Record<string, unknown>;
const credentialName = /^((?:mspr|op)_[0-9a-f]{32})\.\d+\.\d+$/;

/**
 * What must hold whatever happened: takes the simulator's state, the database, Temporal's history and the log, and
 * names each invariant that is broken. Empty: all hold.
 */
export async function brokenInvariants(subject: Subject): Promise<string[]> {
  const { product, requestId } = subject;
  const [operation] = (await product.sql`
    select * from connection_operations where ${requestId} in (id, request_id)`) as Row[];
  const [click] = (await product.sql`select * from ms_provision_requests where id = ${requestId}`) as Row[];
  const request = click ?? operation;
  if (!request) return ["request: the row is gone"];
  const [connection] = (await product.sql`
    select * from sso_connections where id = ${request["connection_id"] as string}`) as Row[];
  return [
    ...ended(request),
    ...(click && operation ? agreeing(click, operation) : []),
    ...(await applications(subject, request)),
    ...(connection && isLive(connection) ? await credentials(subject, connection) : []),
    ...(connection && isLive(connection) ? rowEqualsGraph(subject, connection) : []),
    ...(connection ? await brokenByRemoval(subject, connection) : []),
    ...(connection && operation?.["status"] === "succeeded" ? accessHolds(subject, connection) : []),
    ...(operation ? await oneFinalEvent(subject, operation) : []),
    ...(connection ? await releaseHolds(subject, connection) : []),
    ...(operation?.["workflow_id"] ? await oneWorkflow(subject, operation) : []),
    ...(await noPlaintext(subject)),
  ];
}

/** Every request ends, or is in the list for a person. */
function ended(request: Row): string[] {
  const { status, cleanup, error_code: code } = request;
  if (!["succeeded", "failed", "superseded", "denied", "refused", "expired"].includes(status as string))
    return [`ends: status is ${String(status)}`];
  if (status === "failed" && code === null) return ["ends: failed without a code"];
  return cleanup === "pending" ? ["ends: the clean-up is still pending"] : [];
}

/** A click says what became of its operation. */
function agreeing(click: Row, operation: Row): string[] {
  const words: Row = { waiting: "proved", running: "provisioning" };
  const expected = {
    status: words[operation["status"] as string] ?? operation["status"],
    error_code: operation["error_code"],
    cleanup: operation["cleanup"],
    connection_id: operation["connection_id"],
  };
  return Object.entries(expected)
    .filter(([name, value]) => click[name] !== value)
    .map(([name, value]) => `click follows: ${name} is ${String(click[name])}, not ${String(value)}`);
}

const live = (tenant: SimulatedTenant): SimulatedApplication[] =>
  tenant.applications.filter(({ deletedMs }) => deletedMs === null);

/** One live application with our mark for each live connection of the tenant, and no other. */
async function applications({ product, tenant }: Subject, request: Row): Promise<string[]> {
  const ours = live(tenant).filter(
    ({ properties }) =>
      /(?:mspr|op)_[0-9a-f]{32}/.test(String(properties["displayName"])) ||
      (properties["tags"] as string[]).some((tag) => tag === "authio-sso"),
  );
  if (request["cleanup"] === "needs_operator") return [];
  const named = (await product.sql`
    select app_object_id as id from sso_connections
    where entra_tenant_id = ${tenant.id} and status in ('active', 'suspended')`) as Row[];
  const [found, expected] = [ours, named].map((all) => all.map(({ id }) => String(id)).toSorted());
  return JSON.stringify(found) === JSON.stringify(expected)
    ? []
    : [`one application: found ${found?.length}, expected ${expected?.length}`];
}

/** One live credential of ours, it is the sealed one, it opens, and Microsoft would accept it. */
async function credentials({ product, tenant }: Subject, connection: Row): Promise<string[]> {
  const application = live(tenant).find(({ id }) => id === connection["app_object_id"]);
  const ours = (application?.credentials ?? []).filter(({ displayName }) =>
    credentialName.test(displayName ?? ""),
  );
  const broken: string[] = [];
  if (ours.length !== 1) broken.push(`one credential: found ${ours.length}`);
  const current = ours.find(({ keyId }) => keyId === connection["secret_key_id"]);
  if (!current) return [...broken, "one credential: the row's key id is not in Entra"];
  try {
    const secret = await open(
      environmentKeyWrapping(parseMasterKeyring(product.environment["AUTHIO_IMPORT_CREDS_KEY"] ?? "")),
      "sso-secret",
      storageContext({
        projectId: connection["project_id"] as SsoConnection["projectId"],
        orgId: connection["org_id"] as SsoConnection["orgId"],
        connectionId: connection["id"] as SsoConnection["id"],
        entraTenantId: connection["entra_tenant_id"] as EntraTenantId,
        appId: connection["app_id"] as SsoConnection["appId"],
        secretKeyId: connection["secret_key_id"] as SsoConnection["secretKeyId"],
      }),
      connection["sealed_secret"] as string,
    );
    if (secretHashOf(secret.reveal()) !== current.secretHash)
      broken.push("one credential: the sealed secret is another one");
  } catch (error) {
    broken.push(`one credential: the sealed secret does not open (${(error as Error).message})`);
  }
  return broken;
}

/** What the row says is what Entra has. */
function rowEqualsGraph({ product, tenant }: Subject, connection: Row): string[] {
  const application = live(tenant).find(({ id }) => id === connection["app_object_id"]);
  if (!application) return ["row equals Graph: the application is gone"];
  const { properties } = application;
  const claims = (properties["optionalClaims"] as { idToken: { name: string }[] } | null)?.idToken ?? [];
  const credential = application.credentials.find(({ keyId }) => keyId === connection["secret_key_id"]);
  const expected: [string, unknown, unknown][] = [
    ["client id", connection["app_id"], application.appId],
    ["service principal", connection["service_principal_id"], application.servicePrincipalId],
    ["tenant", connection["entra_tenant_id"], tenant.id],
    ["issuer", connection["issuer"], `${product.simulator.origin}/${tenant.id}/v2.0`],
    ["audience", "AzureADMyOrg", properties["signInAudience"]],
    [
      "redirect URI",
      [connection["redirect_uri"]],
      (properties["web"] as { redirectUris: string[] }).redirectUris,
    ],
    ["claims", ["groups", "email", "xms_edov", "auth_time", "acct"], claims.map(({ name }) => name)],
    ["tags", true, (properties["tags"] as string[]).includes("authio-sso")],
    [
      "expiry",
      (connection["secret_expires_at"] as Date).getTime(),
      new Date(credential?.endDateTime ?? 0).getTime(),
    ],
  ];
  return expected
    .filter(([, row, graph]) => JSON.stringify(row) !== JSON.stringify(graph))
    .map(
      ([what, row, graph]) =>
        `row equals Graph: ${what} is ${JSON.stringify(row)}, there ${JSON.stringify(graph)}`,
    );
}

/** Microsoft admits whom the row says. */
function accessHolds({ tenant }: Subject, { app_object_id: id, access }: Row): string[] {
  const application = live(tenant).find((one) => one.id === id);
  return application && application.appRoleAssignmentRequired !== (access === "assigned")
    ? [`access: the row says ${String(access)}, Microsoft does not`]
    : [];
}

/** Released is what is gone, and each live connection of the organization there says it and needs attention. */
async function releaseHolds({ product, tenant }: Subject, connection: Row): Promise<string[]> {
  if (connection["access_released_at"] === null) return [];
  const rows = (await product.sql`
    select connection.access_released_at, connection.status, health.reasons from sso_connections as connection
    left join connection_health as health on health.connection_id = connection.id
    where org_id = ${connection["org_id"] as string} and entra_tenant_id = ${tenant.id}`) as Row[];
  const isSaid = ({ access_released_at: at, status, reasons }: Row): boolean =>
    at !== null && (status === "disconnected" || JSON.stringify(reasons).includes("access_released"));
  return [
    ...(tenant.consentedMs === null ? [] : ["release: our app is still in the directory"]),
    ...(rows.every(isSaid) ? [] : ["release: a connection of the directory does not say it"]),
  ];
}

async function oneFinalEvent({ product }: Subject, operation: Row): Promise<string[]> {
  const [id, generation] = [operation["id"] as string, operation["generation"] as number];
  const events = await product.sql`
    select action from audit_events
    where operation_id = ${id} and generation = ${generation}
      and action in ('succeeded', 'failed', 'cancelled', 'denied', 'refused', 'expired')`;
  return events.length === 1 || operation["status"] === "superseded"
    ? []
    : [`one final event: found ${events.map(({ action }) => String(action)).join(", ") || "none"}`];
}

async function oneWorkflow({ product }: Subject, operation: Row): Promise<string[]> {
  const handle = product.temporal.workflow.getHandle(operation["workflow_id"] as string);
  const { status } = await handle.describe();
  return status.name === "RUNNING" ? ["one workflow: it is still running"] : [];
}

/** No minted secret, no client secret of ours, in history, rows or log, raw or encoded. */
async function noPlaintext({ product, requestId }: Subject): Promise<string[]> {
  const ours = product.sql`select * from connection_operations where ${requestId} in (id, request_id)`;
  const [operation] = await ours;
  const workflowId = operation?.["workflow_id"] as string | null | undefined;
  const rows = await Promise.all([
    ours,
    product.sql`select * from ms_provision_requests where id = ${requestId}`,
    product.sql`select * from sso_connections where id = ${String(operation?.["connection_id"])}`,
    product.sql`select * from audit_events where ${requestId} in (request_id, operation_id)`,
  ]);
  return leaks(product, {
    history: workflowId ? textOf(await product.temporal.workflow.getHandle(workflowId).fetchHistory()) : "",
    rows: textOf(rows),
    log: product.lines.join("\n"),
  }).map((place) => `no plaintext: a secret stands in the ${place}`);
}
