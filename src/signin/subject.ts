import { createHash } from "node:crypto";
import { encodeFields } from "../sealing/fields.ts";

/**
 * The `sub` of a person in an organization: `u_` and the base64url of SHA-256 over length-prefixed fields. Made of what
 * never changes, so that it outlives reconnects, other applications at Microsoft and new keys; another organization's
 * is another, so that nobody follows a person from one to the next.
 */
export function subjectOf(person: { orgId: string; tid: string; oid: string }): string {
  const fields = encodeFields(["authio/sub/v1", person.orgId, person.tid, person.oid]);
  return `u_${createHash("sha256").update(fields).digest("base64url")}`;
}
