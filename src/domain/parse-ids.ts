import type { ConnectionId, EntraTenantId, OrgId } from "./ids.ts";
import { isOpaqueId } from "./text.ts";
import type { WorkId } from "./work.ts";

// For commands, which would wait longer for a schema library than for the database.

export const idPatterns = {
  provisionRequest: /^mspr_[0-9a-f]{32}$/,
  operation: /^op_[0-9a-f]{32}$/,
  connection: /^sso_[0-9a-f]{32}$/,
} as const;
/** A GUID of any version: Microsoft's well-known ids are not RFC 9562 UUIDs. */
const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function parseWorkId(text: string): WorkId | undefined {
  const { provisionRequest, operation } = idPatterns;
  return provisionRequest.test(text) || operation.test(text) ? (text as WorkId) : undefined;
}

export function parseConnectionId(text: string): ConnectionId | undefined {
  return idPatterns.connection.test(text) ? (text as ConnectionId) : undefined;
}

export function parseOrgId(text: string): OrgId | undefined {
  return isOpaqueId(text) ? (text as OrgId) : undefined;
}

export function parseEntraTenantId(text: string): EntraTenantId | undefined {
  return guid.test(text) ? (text.toLowerCase() as EntraTenantId) : undefined;
}
