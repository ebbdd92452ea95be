import { z } from "zod";
import { address, timestamp } from "../contract/fields.ts";
import { listMetadataSchema } from "../paging.ts";

const linkId = z.string().meta({ pattern: "^msl_[0-9a-f]{32}$" });

/** What an administrator proved and approved, as the owner is shown it and confirms it. */
const proofSchema = z
  .object({
    proof_id: z.string().meta({ description: "Another proof has another id." }),
    entra_tenant_id: z.string(),
    entra_domain: z
      .string()
      .exactOptional()
      .meta({ description: "A domain of the directory, as its own discovery says it." }),
    approved_by: z.string().meta({ description: "The administrator, as Microsoft names them." }),
    proved_at: timestamp,
    approved_at: timestamp,
    confirm_until: timestamp.meta({ description: "Later, the administrator must prove it once more." }),
    must_type: z.string().exactOptional().meta({
      description: "The link was made for a domain that does not lead here: `domain` must be this.",
    }),
  })
  .meta({ id: "SetupProof" });

export const setupLinkSchema = z
  .object({
    id: linkId,
    organization_id: z.string(),
    intent: z.literal("sso"),
    status: z.enum(["open", "in_progress", "proved", "approved", "confirmed", "revoked", "expired"]).meta({
      description:
        "`in_progress`: somebody is at Microsoft. `proved`: an administrator has not answered yet. `approved`: an owner or admin confirms.",
    }),
    created_by: z.string(),
    created_at: timestamp,
    expires_at: timestamp,
    domain: z.string().exactOptional(),
    connection: z.string().exactOptional(),
    it_contact_emails: z.array(z.string()),
    return_url: address.exactOptional(),
    success_url: address.exactOptional(),
    proof: proofSchema.exactOptional().meta({ description: "There while `status` is `approved`." }),
    provision_id: z
      .string()
      .exactOptional()
      .meta({ description: "Once confirmed: the attempt whose progress can be watched." }),
  })
  .meta({ id: "SetupLink" });
export type SetupLinkView = z.input<typeof setupLinkSchema>;

/** The link itself is told once. */
export const madeLinkSchema = z.object({ id: linkId, link: address, expires_at: timestamp });
export type MadeLinkView = z.input<typeof madeLinkSchema>;

export const setupLinkListSchema = z.object({
  data: z.array(setupLinkSchema),
  list_metadata: listMetadataSchema,
});
