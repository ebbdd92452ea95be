import { z } from "zod";
import type { AppObjectId, SecretKeyId } from "../domain/ids.ts";
import { SecretText } from "../domain/secret-text.ts";
import type { GraphClient } from "./graph-client.ts";
import { addedPasswordSchema } from "./graph-responses.schema.ts";
import { type HeldCredentials, heldCredentials } from "./held-credentials.ts";
import { MicrosoftError } from "./microsoft-error.ts";
import { undefinedOn404 } from "./undefined-on-404.ts";

export interface AddedPassword {
  readonly keyId: SecretKeyId;
  /** ISO-8601, as granted. */
  readonly endDateTime: string;
  readonly secret: SecretText;
}

/** Of a cloud without them. */
const unknownStatuses = [400, 404, 405, 501];
/** Of an application that is not visible everywhere: who may act as it is not known then. */
const lagReason = "Request_ResourceNotFound";
const federatedSchema = z.object({ id: z.guid() });

/** How one may act as an application of the tenant. All throw `MicrosoftError`. */
export interface ApplicationCredentials extends HeldCredentials<AppObjectId> {
  /** Mints a secret. Not idempotent. */
  addPassword(
    id: AppObjectId,
    credential: { displayName: string; endDateTime: Date },
  ): Promise<AddedPassword>;
  /**
   * Ids of the identities elsewhere that may act as the application; an application has twenty at most, and none where
   * the cloud does not know them.
   * @see https://learn.microsoft.com/graph/api/application-list-federatedidentitycredentials (read November 2026)
   */
  listFederated(id: AppObjectId): Promise<string[]>;
  /**
   * Repeat: an unknown one counts as removed.
   * @see https://learn.microsoft.com/graph/api/federatedidentitycredential-delete (read November 2026)
   */
  removeFederated(id: AppObjectId, federatedId: string): Promise<void>;
}

export function applicationCredentials(graph: GraphClient): ApplicationCredentials {
  const federatedOf = (id: AppObjectId): string => `/applications/${id}/federatedIdentityCredentials`;
  return {
    ...heldCredentials<AppObjectId>(graph, "applications"),
    async addPassword(id, { displayName, endDateTime }) {
      const added = await graph.call({
        method: "POST",
        path: `/applications/${id}/addPassword`,
        body: { passwordCredential: { displayName, endDateTime: endDateTime.toISOString() } },
        answer: addedPasswordSchema,
      });
      return { keyId: added.keyId, endDateTime: added.endDateTime, secret: new SecretText(added.secretText) };
    },
    async listFederated(id) {
      try {
        return (await graph.list({ path: federatedOf(id), item: federatedSchema })).map((one) => one.id);
      } catch (error) {
        if (!(error instanceof MicrosoftError)) throw error;
        const { status, reason } = error.facts;
        if (!unknownStatuses.includes(status) || reason === lagReason) throw error;
        return [];
      }
    },
    async removeFederated(id, federatedId) {
      await undefinedOn404(graph.send({ method: "DELETE", path: `${federatedOf(id)}/${federatedId}` }));
    },
  };
}
