import type { Context } from "hono";
import { z } from "zod";
import { confirmSetupLink } from "../../db/setup-links/confirm-link.ts";
import { findRequest } from "../../db/provision-requests/find-request.ts";
import { entraTenantIdSchema, provisionRequestIdSchema } from "../../domain/ids.schema.ts";
import { drive } from "../../operations/drive.ts";
import { lookAtDirectory, requireTyped } from "../../operations/proved-directory.ts";
import type { AppEnv } from "../app-env.ts";
import { setupLinkPath } from "../contract/fields.ts";
import { answer, describeRoute } from "../contract/route.ts";
import type { ApiDeps } from "../deps.ts";
import { readBody } from "../read-input.ts";
import { provisionViewSchema } from "../session/provision.schema.ts";
import { requestView } from "../session/work-progress.ts";
import { requireLinkOf, requirePortalSession } from "./require-setup-links.ts";

const bodySchema = z.strictObject({
  entra_tenant_id: entraTenantIdSchema.meta({ format: "uuid" }),
  proof_id: provisionRequestIdSchema.meta({ pattern: "^mspr_[0-9a-f]{32}$" }),
  domain: z
    .string()
    .max(253)
    .optional()
    .meta({ description: "What the person typed, where the proof has `must_type`." }),
});

export const confirmSetupLinkRoute = describeRoute({
  methods: ["post"],
  path: "/v1/portal/setup-links/{id}/confirm",
  servedBy: "management",
  operationId: "confirmSetupLink",
  tag: "Setup links",
  summary: "Take the directory that was proved",
  description:
    "Exactly as it was shown to the person: whoever runs that directory can sign in as anyone of the organization. The same call again is harmless.",
  caller: "admin",
  parameters: setupLinkPath,
  body: { schema: bodySchema, isRequired: true },
  answers: {
    202: {
      description: "The work begins; where `error` is there, it could not, and the link is open again.",
      schema: provisionViewSchema,
    },
  },
  refusals: [
    "setup_links_off",
    "not_found",
    "setup_link_unknown",
    "setup_link_revoked",
    "setup_link_confirmed",
    "setup_link_expired",
    "setup_not_approved",
    "setup_proof_changed",
    "setup_proof_expired",
    "setup_domain_not_typed",
  ],
  refusesBy: { kind: "problem" },
});

/** `POST /v1/portal/setup-links/{id}/confirm`: 202 with the attempt's view. */
export async function takeSetupLink(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const session = await requirePortalSession(c, deps);
  const { link, click } = await requireLinkOf(deps, session, c.req.param("id"));
  const body = await readBody(c, bodySchema);
  // Only for the proof that was shown; the rest is judged under lock.
  if (click?.id === body.proof_id && click.entraTenantId === body.entra_tenant_id)
    requireTyped(
      await lookAtDirectory({
        ctx: { cloud: deps.config.cloud, telemetry: deps.telemetry },
        input: {
          entraTenantId: click.entraTenantId,
          provedDomain: click.provedDomain,
          expectedDomain: link.domain,
        },
      }),
      body.domain,
    );
  const confirmed = await confirmSetupLink(deps.database, link.id, {
    proofId: body.proof_id,
    entraTenantId: body.entra_tenant_id,
    userId: session.userId,
  });
  if (confirmed.status === "proved") await drive({ ctx: deps, input: { request: confirmed } });
  deps.log.info("setup link confirmed", { setup_link: link.id, request_id: confirmed.id });
  const now = (await findRequest(deps.database, confirmed.id)) ?? confirmed;
  return answer(c, confirmSetupLinkRoute, 202, await requestView(deps, now));
}
