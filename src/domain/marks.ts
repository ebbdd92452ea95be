import type { ConnectionOperation } from "./connection-operation.ts";
import type { OperationId, ProvisionRequestId } from "./ids.ts";

/** What a mark names: the click of an operation, or an operation that no click led to. */
export type MarkOwner = ProvisionRequestId | OperationId;
type Marked = Pick<ConnectionOperation, "id" | "requestId" | "generation">;

const owner = "(?:mspr|op)_[0-9a-f]{32}";
const markPattern = new RegExp(`(${owner})\\.\\d+`);
const credentialPattern = new RegExp(`^(${owner})\\.\\d+\\.\\d+$`);

/**
 * The mark that ties Graph objects to one generation of one operation: in the application's first display name, then in
 * its tags. Opaque ids only, so it needs no escaping in an OData filter.
 */
export function markOf(operation: Marked): string {
  return `${markOwnerOf(operation)}.${operation.generation}`;
}

export function markOwnerOf({ id, requestId }: Pick<Marked, "id" | "requestId">): MarkOwner {
  return requestId ?? id;
}

/** The name an application is created with; `configureOidc` gives it the final one. */
export function markedNameOf(operation: Marked): string {
  return `Authio SSO ${markOf(operation)}`;
}

/** `{mark}.{attempt}` */
export function credentialNameOf(operation: Marked, attempt: number): string {
  return `${markOf(operation)}.${attempt}`;
}

/** Whose mark a name or tag bears; undefined for anybody else's. */
export function markOwnerIn(text: string): MarkOwner | undefined {
  return markPattern.exec(text)?.[1] as MarkOwner | undefined;
}

/** Whose credential it is by its name; undefined for one that is not ours. */
export function credentialOwnerIn(name: string): MarkOwner | undefined {
  return credentialPattern.exec(name)?.[1] as MarkOwner | undefined;
}
