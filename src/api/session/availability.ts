import type { Context } from "hono";
import { findRunningRequest, listOpenRequests } from "../../db/provision-requests/find-request.ts";
import { listConnections } from "../../db/sso-connections.ts";
import type { ProvisionRequest } from "../../domain/provision-request.ts";
import { connectionViews } from "./connection-view.ts";
import type { AppEnv } from "../app-env.ts";
import { organizationPath } from "../contract/fields.ts";
import { answer, describeRoute } from "../contract/route.ts";
import type { ApiDeps } from "../deps.ts";
import { noteLostRole } from "../portal/require-setup-links.ts";
import { availabilitySchema, type OpenRequestView } from "./provision.schema.ts";
import { requireOrgSession } from "./require-session.ts";

export const availabilityRoute = describeRoute({
  methods: ["get"],
  path: "/v1/session/orgs/{orgId}/ms-provision",
  servedBy: "management",
  operationId: "getAvailability",
  tag: "Connect",
  summary: "May this person connect, and what is there?",
  caller: "member",
  parameters: organizationPath,
  answers: { 200: { description: "What the button needs.", schema: availabilitySchema } },
  refusals: [],
  refusesBy: { kind: "problem" },
});

/** `GET /v1/session/orgs/{orgId}/ms-provision`: what the button needs. */
export async function provisionAvailability(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const session = await requireOrgSession(c, deps, "member");
  await noteLostRole(deps, session);
  const configured = deps.config.provisioning.kind === "configured";
  const reason = configured
    ? session.isAdmin
      ? undefined
      : "insufficient_role"
    : "ms_provision_not_configured";
  const [connections, running, open] = await Promise.all([
    listConnections(deps.database, session),
    findRunningRequest(deps.database, session),
    // For those who may cancel them.
    !session.isAdmin ? [] : listOpenRequests(deps.database, session),
  ]);
  return answer(c, availabilityRoute, 200, {
    configured,
    can_start: reason === undefined,
    ...(reason ? { reason } : {}),
    // For a dashboard that is opened while an attempt is under way.
    ...(running ? { running_request: { id: running.id, status: running.status } } : {}),
    ...(deps.config.setupLinks && session.isAdmin ? { setup_links: true as const } : {}),
    ...(open.length > 0 ? { open_requests: open.map(openView) } : {}),
    connections: await connectionViews(deps, connections),
  });
}

/** An attempt that waits for its approval or confirmation. */
function openView(request: ProvisionRequest): OpenRequestView {
  return {
    id: request.id,
    status: request.status,
    started_by: request.startedBy,
    created_at: request.createdAt.toISOString(),
    expires_at: request.expiresAt.toISOString(),
  };
}
