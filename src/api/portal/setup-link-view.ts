import type { LinkAndClick } from "../../db/setup-links/find-link.ts";
import type { ProvisionRequest } from "../../domain/provision-request.ts";
import { type SetupLink, setupProofLifetimeMs } from "../../domain/setup-link.ts";
import { lookAtDirectory } from "../../operations/proved-directory.ts";
import type { ApiDeps } from "../deps.ts";
import type { SetupLinkView } from "./setup-link.schema.ts";

/** A link as its organization sees it; asks Microsoft whose the proved domain is. */
export async function setupLinkView(deps: ApiDeps, { link, click }: LinkAndClick): Promise<SetupLinkView> {
  const status = statusOf(link, click);
  return {
    id: link.id,
    organization_id: link.orgId,
    intent: "sso",
    status,
    created_by: link.createdBy,
    created_at: link.createdAt.toISOString(),
    expires_at: link.expiresAt.toISOString(),
    ...(link.domain === null ? {} : { domain: link.domain }),
    ...(link.wantedConnectionId === null ? {} : { connection: link.wantedConnectionId }),
    it_contact_emails: [...link.contactEmails],
    ...(link.returnUrl === null ? {} : { return_url: link.returnUrl }),
    ...(link.successUrl === null ? {} : { success_url: link.successUrl }),
    ...(status === "approved" && click ? { proof: await proofOf(deps, link, click) } : {}),
    ...(link.confirmedRequestId === null ? {} : { provision_id: link.confirmedRequestId }),
  };
}

function statusOf(link: SetupLink, click: ProvisionRequest | undefined): SetupLinkView["status"] {
  if (link.status !== "open") return link.status;
  if (click?.status === "unconfirmed") return click.approvedAt === null ? "proved" : "approved";
  if (link.expiresAt <= new Date()) return "expired";
  return click === undefined ? "open" : "in_progress";
}

async function proofOf(
  { config, telemetry }: ApiDeps,
  link: SetupLink,
  click: ProvisionRequest,
): Promise<NonNullable<SetupLinkView["proof"]>> {
  const { entraTenantId, provedDomain, provedAt, approvedAt, administrator } = click;
  if (entraTenantId === null || provedAt === null || approvedAt === null)
    throw new TypeError("an approved click names its proof");
  const { domain, toType } = await lookAtDirectory({
    ctx: { cloud: config.cloud, telemetry },
    input: { entraTenantId, provedDomain, expectedDomain: link.domain },
  });
  return {
    proof_id: click.id,
    entra_tenant_id: entraTenantId,
    ...(domain === undefined ? {} : { entra_domain: domain }),
    approved_by: administrator ?? "an administrator whom Microsoft did not name",
    proved_at: provedAt.toISOString(),
    approved_at: approvedAt.toISOString(),
    confirm_until: new Date(provedAt.getTime() + setupProofLifetimeMs).toISOString(),
    ...(toType === undefined ? {} : { must_type: toType }),
  };
}
