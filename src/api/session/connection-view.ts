import { factsOfAttention } from "../../domain/attention.ts";
import { assignmentPageOf } from "../../domain/clouds.ts";
import type { AttentionReason, ConnectionHealth } from "../../domain/connection-health.ts";
import { type ErrorCode, factsOf } from "../../domain/error-codes.ts";
import {
  attributeMap,
  renewalDueAt,
  restorableUntil,
  type SsoConnection,
  usersConsented,
} from "../../domain/sso-connection.ts";
import { listSignInFailures } from "../../db/sign-in-failures.ts";
import type { FailureCount } from "../../domain/sign-in-failures.ts";
import { countSignIns } from "../../db/sign-ins.ts";
import { listConnectedAnew } from "../../db/sso-connections.ts";
import { listHealth } from "../../db/connection-health.ts";
import { listInHandOf } from "../../db/connection-operations/in-hand.ts";
import type { ConnectionOperation } from "../../domain/connection-operation.ts";
import type { ApiDeps } from "../deps.ts";
import type { BegunView, ConnectionView } from "./connection.schema.ts";

const countedDays = 30;
const failureDays = 7;

/** Addresses a person can open; the second is there as long as users would meet a consent prompt. */
export function connectionLinks(
  ssoOrigin: string,
  connection: SsoConnection,
): Pick<ConnectionView, "sign_in_url" | "admin_consent_url"> {
  const base = `${ssoOrigin}/v1/sso/connections/${connection.id}`;
  return {
    sign_in_url: `${base}/initiate`,
    ...(connection.usersConsentedAt === null ? { admin_consent_url: `${base}/admin-consent` } : {}),
  };
}

/** Connections with what is being done to them. */
export async function connectionViews(
  { database, config }: Pick<ApiDeps, "database" | "config">,
  connections: readonly SsoConnection[],
): Promise<ConnectionView[]> {
  const ids = connections.map(({ id }) => id);
  const [anew, inHand, health, failures, signIns] = await Promise.all([
    database.run((q) => listConnectedAnew(q, connections)),
    listInHandOf(database, ids),
    listHealth(database, ids),
    listSignInFailures(database, ids, failureDays),
    countSignIns(database, ids, countedDays),
  ]);
  return connections.map((one) =>
    connectionView(config, one, {
      isConnectedAnew: anew.has(one.id),
      operation: inHand.get(one.id),
      health: health.get(one.id),
      failures: failures.get(one.id) ?? [],
      signIns: signIns.get(one.id) ?? 0,
    }),
  );
}

export async function oneConnectionView(
  deps: Pick<ApiDeps, "database" | "config">,
  connection: SsoConnection,
): Promise<ConnectionView> {
  const [view] = await connectionViews(deps, [connection]);
  return (
    view ??
    connectionView(deps.config, connection, {
      isConnectedAnew: false,
      operation: undefined,
      health: undefined,
      failures: [],
      signIns: 0,
    })
  );
}

export function begunView({ id, kind, status }: ConnectionOperation): BegunView {
  return { id, kind, status };
}

/** In the platform's words: without its secret. */
function connectionView(
  { ssoOrigin, cloud }: ApiDeps["config"],
  connection: SsoConnection,
  known: {
    isConnectedAnew: boolean;
    operation: ConnectionOperation | undefined;
    health: ConnectionHealth | undefined;
    failures: readonly FailureCount[];
    signIns: number;
  },
): ConnectionView {
  const { operation, health, failures, signIns } = known;
  return {
    id: connection.id,
    organization_id: connection.orgId,
    project_id: connection.projectId,
    display_name: connection.displayName ?? "Microsoft",
    protocol: connection.protocol,
    provider: connection.provider,
    status: connection.status,
    managed_by: connection.managedBy,
    entra_tenant_id: connection.entraTenantId,
    ...(connection.entraDomain === null ? {} : { entra_domain: connection.entraDomain }),
    oidc_issuer: connection.issuer,
    oidc_client_id: connection.appId,
    redirect_uri: connection.redirectUri,
    attribute_map: attributeMap,
    access: connection.access,
    ...(connection.accessErrorCode === null ? {} : { access_error: failureOf(connection.accessErrorCode) }),
    configured_at: connection.createdAt.toISOString(),
    configured_by: connection.configuredBy,
    secret_expires_at: connection.secretExpiresAt.toISOString(),
    secret_renewal: {
      due_at: renewalDueAt(connection).toISOString(),
      ...(connection.renewalErrorCode === null ? {} : { error: failureOf(connection.renewalErrorCode) }),
    },
    users_consented: usersConsented(connection),
    ...healthView(connection, health),
    ...(operation ? { operation: begunView(operation) } : {}),
    ...(connection.status === "active" ? {} : { switched_off_by: [...connection.switchedOffBy] }),
    ...endOf(connection, known),
    ...(connection.accessReleasedAt === null
      ? {}
      : { access_released_at: connection.accessReleasedAt.toISOString() }),
    created_at: connection.createdAt.toISOString(),
    updated_at: connection.updatedAt.toISOString(),
    ...(connection.lastSignInAt === null ? {} : { last_sign_in_at: connection.lastSignInAt.toISOString() }),
    ...failuresView(failures),
    sign_ins_30_days: signIns,
    assignment_url: assignmentPageOf(cloud, connection),
    ...connectionLinks(ssoOrigin, connection),
  };
}

function failuresView(
  failures: readonly FailureCount[],
): Pick<ConnectionView, "last_sign_in_failure" | "sign_in_failures"> {
  const last = failures.toSorted((a, b) => b.lastAt.getTime() - a.lastAt.getTime())[0];
  return {
    ...(last ? { last_sign_in_failure: { code: last.code, at: last.lastAt.toISOString() } } : {}),
    sign_in_failures: failures.map(({ day, code, count }) => ({ day, code, count })),
  };
}

function healthView(
  { status }: SsoConnection,
  health: ConnectionHealth | undefined,
): Pick<ConnectionView, "health" | "needs_attention"> {
  const { lookedAt = null, reasons = [], errorCode = null } = health ?? {};
  const isShown = status !== "disconnected" && reasons.length > 0;
  return {
    ...(isShown ? { needs_attention: { reasons: reasons.map(reasonView) } } : {}),
    health: {
      looked_at: lookedAt === null ? null : lookedAt.toISOString(),
      ...(errorCode === null ? {} : { error: failureOf(errorCode) }),
    },
  };
}

function reasonView({ code, since }: AttentionReason) {
  const { isMendedByConnecting, ...words } = factsOfAttention(code);
  return { code, since, ...words, mended_by_connecting: isMendedByConnecting };
}

function endOf(
  connection: SsoConnection,
  { isConnectedAnew }: { readonly isConnectedAnew: boolean },
): Pick<ConnectionView, "disconnected_at" | "restorable_until"> {
  if (connection.status !== "disconnected") return {};
  const { disconnectedAt, updatedAt } = connection;
  return {
    disconnected_at: (disconnectedAt ?? updatedAt).toISOString(),
    ...(isConnectedAnew ? {} : { restorable_until: restorableUntil(connection).toISOString() }),
  };
}

/** Why something that was done to the connection failed, and who must act. */
function failureOf(code: ErrorCode): NonNullable<ConnectionView["access_error"]> {
  const { title, detail, who, action } = factsOf(code);
  return { code, title, detail, who, action };
}
