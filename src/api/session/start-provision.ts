import type { Context } from "hono";
import { z } from "zod";
import { issueRequest } from "../../db/provision-requests/issue-request.ts";
import { CodedError } from "../../domain/coded-error.ts";
import type { ConnectionId } from "../../domain/ids.ts";
import { cleanDisplay } from "../../domain/text.ts";
import { buildConsentUrl } from "../../entra/consent-url.ts";
import { chooseBinding } from "./binding-mode.ts";
import { bindPerson, hashOf, newToken } from "../browser/browser-binding.ts";
import type { AppEnv } from "../app-env.ts";
import type { ApiDeps } from "../deps.ts";
import { readBody } from "../read-input.ts";
import { isAllowedReturnUrl } from "../return-url.ts";
import { requireConnectionOf } from "./provision-status.ts";
import { requireOrgSession } from "./require-session.ts";
import { displayUnitsMax, type OrgSession } from "./session.ts";

const bodySchema = z
  .strictObject({
    return_to: z.string().optional(),
    access: z.enum(["everyone", "assigned"]).optional(),
    binding: z.enum(["cookie", "confirm"]).optional(),
    /** Connect again: the directory of this connection and no other. */
    connection: z.string().min(1).max(128).optional(),
    /** Another directory beside those that are connected. */
    additional: z.literal(true).optional(),
    /** For display, over the session's `org_name`. */
    organization_name: z.string().optional(),
  })
  .refine(({ connection, additional }) => connection === undefined || additional === undefined, {
    path: ["additional"],
    error: "is not possible together with connection",
  });

/** `POST /v1/session/orgs/{orgId}/ms-provision/start` */
export async function startProvision(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const { config } = deps;
  const session = await requireOrgSession(c, deps, "admin");
  const { provisioning } = config;
  if (provisioning.kind === "not_configured") throw new CodedError("ms_provision_not_configured");
  const body = await readBody(c, bodySchema, "optional");
  if (body.return_to !== undefined && !isAllowedReturnUrl(body.return_to, config.returnHosts))
    throw new CodedError("return_to_not_allowed");
  const binding = chooseBinding(c, config, { binding: body.binding, returnTo: body.return_to });
  const wantedConnectionId = await requireWanted(deps, session, body.connection);
  const state = newToken();
  const request = await issueRequest(deps.database, {
    ssoOrigin: config.ssoOrigin,
    projectId: session.projectId,
    orgId: session.orgId,
    orgName: cleanDisplay(body.organization_name ?? "", displayUnitsMax) || session.orgName,
    startedBy: session.userId,
    returnTo: body.return_to ?? null,
    access: body.access ?? null,
    wantedConnectionId,
    additional: body.additional ?? false,
    binding,
    stateHash: hashOf(state),
    browserHash:
      binding === "cookie" && deps.keyed ? bindPerson(c, deps.keyed.browserKeys, session.userId) : null,
  });
  const consentUrl = buildConsentUrl({
    cloud: config.cloud,
    clientId: provisioning.clientId,
    ssoOrigin: config.ssoOrigin,
    state,
  });
  deps.log.info("provision started", { request_id: request.id, org_id: session.orgId, binding });
  return c.json(
    { id: request.id, consent_url: consentUrl, expires_at: request.expiresAt.toISOString(), binding },
    201,
  );
}

/** @throws {CodedError} not_found, connection_suspended, connection_disconnected */
async function requireWanted(
  deps: ApiDeps,
  session: OrgSession,
  wanted: string | undefined,
): Promise<ConnectionId | null> {
  if (wanted === undefined) return null;
  const { id, status } = await requireConnectionOf(deps, session, wanted);
  if (status === "suspended") throw new CodedError("connection_suspended");
  if (status === "disconnected") throw new CodedError("connection_disconnected");
  return id;
}
