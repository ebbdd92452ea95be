import type { AppObjectId, SecretKeyId } from "../domain/ids.ts";
import { SecretText } from "../domain/secret-text.ts";
import type { GraphClient } from "./graph-client.ts";
import { addedPasswordSchema } from "./graph-responses.schema.ts";
import { MicrosoftError } from "./microsoft-error.ts";

export interface AddedPassword {
  readonly keyId: SecretKeyId;
  /** ISO-8601, as granted. */
  readonly endDateTime: string;
  readonly secret: SecretText;
}

/** The client secrets of one tenant's applications. All throw `MicrosoftError`. */
export interface ApplicationCredentials {
  /** Mints a secret. Not idempotent. */
  addPassword(
    id: AppObjectId,
    credential: { displayName: string; endDateTime: Date },
  ): Promise<AddedPassword>;
  /** Takes all certificates away. Repeat: the same state. */
  removeKeys(id: AppObjectId): Promise<void>;
  /** Repeat: an unknown key counts as removed. */
  removePassword(id: AppObjectId, keyId: SecretKeyId): Promise<void>;
}

export function applicationCredentials(graph: GraphClient): ApplicationCredentials {
  return {
    async addPassword(id, { displayName, endDateTime }) {
      const added = await graph.call({
        method: "POST",
        path: `/applications/${id}/addPassword`,
        body: { passwordCredential: { displayName, endDateTime: endDateTime.toISOString() } },
        answer: addedPasswordSchema,
      });
      return { keyId: added.keyId, endDateTime: added.endDateTime, secret: new SecretText(added.secretText) };
    },
    removeKeys: (id) =>
      graph.send({ method: "PATCH", path: `/applications/${id}`, body: { keyCredentials: [] } }),
    async removePassword(id, keyId) {
      try {
        await graph.send({ method: "POST", path: `/applications/${id}/removePassword`, body: { keyId } });
      } catch (error) {
        const gone =
          error instanceof MicrosoftError &&
          error.facts.status === 400 &&
          error.facts.reason === "Request_BadRequest";
        if (!gone) throw error;
      }
    },
  };
}
