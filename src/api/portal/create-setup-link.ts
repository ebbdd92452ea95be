import type { Context } from "hono";
import { z } from "zod";
import { hashOf } from "../../db/hash-of.ts";
import { createSetupLink } from "../../db/setup-links/create-link.ts";
import { CodedError } from "../../domain/coded-error.ts";
import { readDomain } from "../../domain/entra-domain.ts";
import { setupLinkLifetime, setupLinkUrl } from "../../domain/setup-link.ts";
import { cleanDisplay } from "../../domain/text.ts";
import type { AppEnv } from "../app-env.ts";
import { newToken } from "../browser/browser-binding.ts";
import { answer, describeRoute } from "../contract/route.ts";
import type { ApiDeps } from "../deps.ts";
import { readBody } from "../read-input.ts";
import { isAllowedReturnUrl } from "../return-url.ts";
import { displayUnitsMax, type OrgSession } from "../session/session.ts";
import { requireWanted } from "../session/start-provision.ts";
import { requirePortalSession } from "./require-setup-links.ts";
import { madeLinkSchema } from "./setup-link.schema.ts";
import { isOneDirectory, notOneDirectory, oneDirectory, wantedFields } from "../session/wanted.schema.ts";

const emailsMax = 10;
const email = z
  .string()
  .max(254)
  .regex(/^[^\s@,;<>"\p{C}]+@[^\s@,;<>"\p{C}]+$/u, { error: "is no e-mail address" });
const returnUrl = z
  .string()
  .optional()
  .meta({ description: "https on a host of AUTHIO_MS_CONSENT_RETURN_HOSTS." });

const bodySchema = z
  .strictObject({
    organization_id: z.string().min(1).max(255).meta({ description: "The session's own." }),
    intent: z.literal("sso"),
    return_url: returnUrl,
    success_url: returnUrl,
    it_contact_emails: z
      .array(email)
      .max(emailsMax, { error: `must be at most ${emailsMax}` })
      .optional()
      .meta({ description: "Whom you send it to, for your own list; this service sends nothing." }),
    expires_in_minutes: z
      .int()
      .min(setupLinkLifetime.least)
      .max(setupLinkLifetime.most)
      .optional()
      .meta({ description: `${setupLinkLifetime.usual} where left out.` }),
    domain: z.string().max(253).optional().meta({
      description: "A domain of the directory that you expect. Where another is proved, you type its domain.",
    }),
    ...wantedFields,
  })
  .refine(isOneDirectory, notOneDirectory)
  .refine(({ domain }) => domain === undefined || readDomain(domain) !== undefined, {
    path: ["domain"],
    error: "is no domain",
  })
  .meta(oneDirectory);

export const createSetupLinkRoute = describeRoute({
  methods: ["post"],
  path: "/v1/portal/setup-links",
  servedBy: "management",
  operationId: "createSetupLink",
  tag: "Setup links",
  summary: "Make a link for the directory's administrator",
  description:
    "Whoever opens it can approve for a directory of theirs; nothing is created before an owner or admin confirms that directory. Opening it uses nothing up.",
  caller: "admin",
  body: { schema: bodySchema, isRequired: true },
  answers: { 201: { description: "The link, told this once.", schema: madeLinkSchema } },
  refusals: [
    "setup_links_off",
    "not_found",
    "connection_suspended",
    "connection_disconnected",
    "return_to_not_allowed",
    "too_many_setup_links",
    "ms_provision_not_configured",
  ],
  refusesBy: { kind: "problem" },
});

/** `POST /v1/portal/setup-links` */
export async function makeSetupLink(c: Context<AppEnv>, deps: ApiDeps): Promise<Response> {
  const { config, database, log } = deps;
  const session = await requirePortalSession(c, deps);
  if (config.provisioning.kind === "not_configured") throw new CodedError("ms_provision_not_configured");
  const body = await readBody(c, bodySchema);
  if (body.organization_id !== session.orgId) throw new CodedError("organization_not_found");
  for (const url of [body.return_url, body.success_url])
    if (url !== undefined && !isAllowedReturnUrl(url, config.returnHosts))
      throw new CodedError("return_to_not_allowed");
  const token = newToken();
  const link = await createSetupLink(
    database,
    {
      ssoOrigin: config.ssoOrigin,
      projectId: session.projectId,
      orgId: session.orgId,
      orgName: cleanDisplay(body.organization_name ?? "", displayUnitsMax) || session.orgName,
      createdBy: session.userId,
      requester: requesterOf(session),
      tokenHash: hashOf(token),
      returnUrl: body.return_url ?? null,
      successUrl: body.success_url ?? null,
      contactEmails: body.it_contact_emails ?? [],
      domain: (body.domain !== undefined && readDomain(body.domain)) || null,
      access: body.access ?? null,
      wantedConnectionId: await requireWanted(deps, session, body.connection),
      additional: body.additional ?? false,
    },
    body.expires_in_minutes ?? setupLinkLifetime.usual,
  );
  log.info("setup link made", { setup_link: link.id, org_id: session.orgId });
  return answer(c, createSetupLinkRoute, 201, {
    id: link.id,
    link: setupLinkUrl(config.ssoOrigin, token),
    expires_at: link.expiresAt.toISOString(),
  });
}

/** As the platform vouches for the person; null where its session names nobody. */
function requesterOf({ name, email: address }: OrgSession): string | null {
  return name !== null && address !== null ? `${name} (${address})` : (name ?? address);
}
