import type { Context } from "hono";
import { z } from "zod";
import { CodedError } from "../../domain/coded-error.ts";
import type { ConnectionId } from "../../domain/ids.ts";
import { cleanDisplay } from "../../domain/text.ts";
import { buildConsentUrl } from "../../entra/consent-url.ts";
import type { AppEnv } from "../app-env.ts";
import { organizationPath } from "../contract/fields.ts";
import { answer, describeRoute } from "../contract/route.ts";
import type { ApiDeps } from "../deps.ts";
import { readBody } from "../read-input.ts";
import { issueClick, issueRefusals, wayBackFields } from "./issue-click.ts";
import { requireConnectionOf } from "./require-connection.ts";
import { startedSchema } from "./provision.schema.ts";
import { requireOrgSession } from "./require-session.ts";
import { displayUnitsMax, type OrgSession } from "./session.ts";
import { isOneDirectory, notOneDirectory, oneDirectory, wantedFields } from "./wanted.schema.ts";

const bodySchema = z
  .strictObject({
    ...wayBackFields,
    ...wantedFields,
  })
  .refine(isOneDirectory, notOneDirectory)
  .meta(oneDirectory);

export const startProvisionRoute = describeRoute({
  methods: ["post"],
  path: "/v1/session/orgs/{orgId}/ms-provision/start",
  servedBy: "both",
  operationId: "startProvision",
  tag: "Connect",
  summary: "Start to connect a directory",
  description:
    "Each call is a click of its own. The binding says how the approval is tied to whoever started.",
  caller: "admin",
  parameters: organizationPath,
  body: { schema: bodySchema, isRequired: false },
  answers: {
    201: {
      description: "Send the browser to `consent_url`. With cookie binding the answer plants a cookie.",
      schema: startedSchema,
    },
  },
  refusals: ["not_found", "connection_suspended", "connection_disconnected", ...issueRefusals],
  refusesBy: { kind: "problem" },
});

/** `POST /v1/session/orgs/{orgId}/ms-provision/start` */
export async function startProvision(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const { config } = deps;
  const session = await requireOrgSession(c, deps, "admin");
  if (config.provisioning.kind === "not_configured") throw new CodedError("ms_provision_not_configured");
  const body = await readBody(c, bodySchema, "optional");
  const { request, binding, state, clientId } = await issueClick(c, deps, session, body, async () => ({
    orgName: cleanDisplay(body.organization_name ?? "", displayUnitsMax) || session.orgName,
    access: body.access ?? null,
    wantedConnectionId: await requireWanted(deps, session, body.connection),
    additional: body.additional ?? false,
  }));
  const { cloud, ssoOrigin } = config;
  deps.log.info("provision started", { request_id: request.id, org_id: session.orgId, binding });
  return answer(c, startProvisionRoute, 201, {
    id: request.id,
    consent_url: buildConsentUrl({ cloud, clientId, ssoOrigin, state }),
    expires_at: request.expiresAt.toISOString(),
    binding,
  });
}

/** The connection that is to be connected again. @throws {CodedError} not_found, connection_suspended, connection_disconnected */
export async function requireWanted(
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
