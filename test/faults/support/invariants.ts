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

/** One request's world after a case. */
export interface Subject {
  readonly product: Product;
  readonly tenant: SimulatedTenant;
  readonly requestId: string;
}

type Row = Record<string, unknown>;
const credentialName = /^(mspr_[0-9a-f]{32})\.\d+\.\d+$/;

/**
 * What must hold whatever happened: takes the simulator's state, the database, Temporal's history and the log, and
 * names each invariant that is broken. Empty: all hold.
 */
export async function brokenInvariants(subject: Subject): Promise<string[]> {
  const { product, requestId } = subject;
  const [request] = (await product.sql`select * from ms_provision_requests where id = ${requestId}`) as Row[];
  if (!request) return ["request: the row is gone"];
  const [connection] = (await product.sql`
    select * from sso_connections where id = ${request["connection_id"] as string}`) as Row[];
  return [
    ...ended(request),
    ...applications(subject, request, connection),
    ...(connection ? await credentials(subject, connection) : []),
    ...(connection ? rowEqualsGraph(subject, connection) : []),
    ...(await oneFinalEvent(subject, request)),
    ...(await oneWorkflow(subject)),
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

const live = (tenant: SimulatedTenant): SimulatedApplication[] =>
  tenant.applications.filter(({ deletedMs }) => deletedMs === null);

/** One live application with our mark if the connection is active, else none. */
function applications({ tenant }: Subject, request: Row, connection: Row | undefined): string[] {
  const ours = live(tenant).filter(
    ({ properties }) =>
      /mspr_[0-9a-f]{32}/.test(String(properties["displayName"])) ||
      (properties["tags"] as string[]).some((tag) => tag === "authio-sso"),
  );
  if (request["cleanup"] === "needs_operator") return [];
  const expected = connection ? [connection["app_object_id"]] : [];
  const found = ours.map(({ id }) => id);
  return JSON.stringify(found) === JSON.stringify(expected)
    ? []
    : [`one application: found ${found.length}, expected ${expected.length}`];
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

async function oneFinalEvent({ product, requestId }: Subject, request: Row): Promise<string[]> {
  const generation = request["generation"] as number;
  const events = await product.sql`
    select action from audit_events
    where request_id = ${requestId} and generation = ${generation}
      and action in ('succeeded', 'failed', 'cancelled', 'denied', 'refused', 'expired')`;
  return events.length === 1 || request["status"] === "superseded"
    ? []
    : [`one final event: found ${events.map(({ action }) => String(action)).join(", ") || "none"}`];
}

async function oneWorkflow({ product, requestId }: Subject): Promise<string[]> {
  const handle = product.temporal.workflow.getHandle(`ms-provision-${requestId}`);
  const { status } = await handle.describe();
  return status.name === "RUNNING" ? ["one workflow: it is still running"] : [];
}

/** No minted secret, no client secret of ours, in history, rows or log, raw or encoded. */
async function noPlaintext({ product, requestId }: Subject): Promise<string[]> {
  const handle = product.temporal.workflow.getHandle(`ms-provision-${requestId}`);
  const rows = await Promise.all([
    product.sql`select * from ms_provision_requests where id = ${requestId}`,
    product.sql`select * from sso_connections c where exists (select 1 from ms_provision_requests r where r.id = ${requestId} and r.connection_id = c.id)`,
    product.sql`select * from audit_events where request_id = ${requestId}`,
  ]);
  return leaks(product, {
    history: textOf(await handle.fetchHistory()),
    rows: textOf(rows),
    log: product.lines.join("\n"),
  }).map((place) => `no plaintext: a secret stands in the ${place}`);
}
