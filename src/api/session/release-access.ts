import type { Context } from "hono";
import { z } from "zod";
import { requireReleasable } from "../../db/release.ts";
import { buildProofOnlyUrl } from "../../entra/consent-url.ts";
import type { AppEnv } from "../app-env.ts";
import { organizationConnectionPath } from "../contract/fields.ts";
import { answer, describeRoute } from "../contract/route.ts";
import type { ApiDeps } from "../deps.ts";
import { readBody } from "../read-input.ts";
import { issueClick, issueRefusals, wayBackFields } from "./issue-click.ts";
import { releaseStartedSchema } from "./provision.schema.ts";
import { requireConnectionOf } from "./require-connection.ts";
import { requireOrgSession } from "./require-session.ts";

const bodySchema = z.strictObject(wayBackFields);

export const releaseAccessRoute = describeRoute({
  methods: ["post"],
  path: "/v1/session/orgs/{orgId}/sso-connections/{id}/release",
  servedBy: "both",
  operationId: "releaseAccess",
  tag: "Connections",
  summary: "Start to release our access to a connection's directory",
  description:
    "An administrator of that directory proves to be here; then our own app is removed from it. Connections go on signing people in, but nothing there can be renewed, repaired or removed by us until the directory is connected, and so approved, again. The return address gets `ok=microsoft_released`, or `error=release_refused` where Microsoft leaves it to the administrator.",
  caller: "admin",
  parameters: organizationConnectionPath,
  body: { schema: bodySchema, isRequired: false },
  answers: {
    201: {
      description: "Send the browser to `proof_url`. With cookie binding the answer plants a cookie.",
      schema: releaseStartedSchema,
    },
  },
  refusals: ["not_found", "access_released", "directory_in_use", "operation_in_progress", ...issueRefusals],
  refusesBy: { kind: "problem" },
});

/**
 * `POST /v1/session/orgs/{orgId}/sso-connections/{id}/release`: 201 with where the proof begins. Each call is a click of
 * its own; of two that are proved the second joins the first.
 */
export async function releaseAccess(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const session = await requireOrgSession(c, deps, "admin");
  const body = await readBody(c, bodySchema, "optional");
  const connection = await requireConnectionOf(deps, session, c.req.param("id"));
  const { request, binding, state } = await issueClick(c, deps, session, body, async () => {
    await requireReleasable(deps.database, connection);
    return {
      intent: "release",
      orgName: session.orgName,
      access: null,
      wantedConnectionId: connection.id,
      additional: false,
    };
  });
  deps.log.info("release started", {
    request_id: request.id,
    connection_id: connection.id,
    org_id: session.orgId,
    binding,
  });
  return answer(c, releaseAccessRoute, 201, {
    id: request.id,
    proof_url: buildProofOnlyUrl({
      ssoOrigin: deps.config.ssoOrigin,
      tenantId: connection.entraTenantId,
      state,
    }),
    expires_at: request.expiresAt.toISOString(),
    binding,
  });
}
