import { z } from "zod";
import type { SecretKeyId } from "../domain/ids.ts";
import type { GraphClient } from "./graph-client.ts";
import { passwordCredentialSchema } from "./graph-responses.schema.ts";
import { MicrosoftError } from "./microsoft-error.ts";
import { undefinedOn404 } from "./undefined-on-404.ts";

/** Whose they are must be there: an answer of another shape must not pass for "none". A list left out or null is empty. */
const heldSchema = z.object({
  id: z.guid(),
  passwordCredentials: listOrNone(passwordCredentialSchema),
  keyCredentials: listOrNone(z.unknown()),
});
function listOrNone<T extends z.ZodType>(one: T) {
  return z
    .array(one)
    .nullish()
    .transform((list) => list ?? []);
}
export type Held = z.infer<typeof heldSchema>;

/**
 * Secrets and certificates, which an application and its service principal hold alike: either's serve to act as it. All
 * throw `MicrosoftError`.
 */
export interface HeldCredentials<Id extends string> {
  /** Undefined on 404. Microsoft limits how often certificates are asked for. */
  listCredentials(id: Id): Promise<Held | undefined>;
  /** Repeat: an unknown key counts as removed. */
  removePassword(id: Id, keyId: SecretKeyId): Promise<void>;
  /** Takes all certificates away. Repeat: the same state. */
  removeKeys(id: Id): Promise<void>;
}

/**
 * @see https://learn.microsoft.com/graph/api/serviceprincipal-removepassword and serviceprincipal-update (read November
 *   2026): a PATCH sets certificates only
 */
export function heldCredentials<Id extends string>(
  graph: GraphClient,
  holders: "applications" | "servicePrincipals",
): HeldCredentials<Id> {
  return {
    listCredentials: (id) =>
      undefinedOn404(
        graph.call({
          method: "GET",
          path: `/${holders}/${id}`,
          select: ["id", "passwordCredentials", "keyCredentials"],
          answer: heldSchema,
        }),
      ),
    async removePassword(id, keyId) {
      try {
        await graph.send({ method: "POST", path: `/${holders}/${id}/removePassword`, body: { keyId } });
      } catch (error) {
        const gone =
          error instanceof MicrosoftError &&
          error.facts.status === 400 &&
          error.facts.reason === "Request_BadRequest";
        if (!gone) throw error;
      }
    },
    removeKeys: (id) =>
      graph.send({ method: "PATCH", path: `/${holders}/${id}`, body: { keyCredentials: [] } }),
  };
}
