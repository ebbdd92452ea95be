import { type ErrorCode, factsOf } from "./error-codes.ts";

/** What an organization has while one of its attempts fails. */
export interface FailureSurroundings {
  /** Entra tenants of its live connections. */
  readonly connectedTenants: readonly string[];
  /** The tenant of the connection that was to be connected again. */
  readonly wantedTenant?: string | undefined;
  /** The tenant that approved, where the reader may know it. */
  readonly provedTenant?: string | undefined;
}

/** Failures of the connection's own application or directory: of those nobody can say that it works. */
const ofTheConnection: readonly ErrorCode[] = [
  "application_missing",
  "application_disabled",
  "tenant_not_found",
  "directory_blocked",
];

/**
 * The code's sentence for one organization: which directories it is about, and that a connection which is there was
 * kept, since a failed attempt would read as a lost connection otherwise.
 */
export function failureDetail(code: ErrorCode, around: FailureSurroundings): string {
  return [factsOf(code).detail, ...directories(code, around), ...kept(code, around)].join(" ");
}

function directories(code: ErrorCode, around: FailureSurroundings): readonly string[] {
  const { connectedTenants, wantedTenant, provedTenant } = around;
  const expected =
    code === "directory_differs"
      ? wantedTenant && `The connection belongs to directory ${wantedTenant}.`
      : code === "another_directory" && connectedTenants.length > 0
        ? `Connected: ${connectedTenants.join(", ")}.`
        : undefined;
  if (expected === undefined) return [];
  return provedTenant === undefined ? [expected] : [expected, `The approval came from ${provedTenant}.`];
}

function kept(code: ErrorCode, { connectedTenants }: FailureSurroundings): readonly string[] {
  if (ofTheConnection.includes(code)) return [];
  switch (connectedTenants.length) {
    case 0:
      return [];
    case 1:
      return ["Your existing connection was kept and works as before."];
    default:
      return ["Your existing connections were kept and work as before."];
  }
}
