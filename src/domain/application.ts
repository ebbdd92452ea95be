import type { ProjectId } from "./ids.ts";

/** An application of the operator's that people sign in to: one entry of AUTHIO_APPLICATIONS_FILE. */
export interface Application {
  readonly clientId: string;
  readonly projectId: ProjectId;
  readonly name: string;
  /** Exact strings. */
  readonly redirectUris: readonly string[];
  /** Absent: a public client, which proves itself by PKCE alone. */
  readonly clientSecretSha256?: Buffer;
  /** The platform's three bare fields suffice at the exchange: neither secret nor verifier. */
  readonly isBareHandoff: boolean;
  readonly postLogoutRedirectUris: readonly string[];
  /** Where a sign-in begins that nobody there asked for, such as a click on the tile in Microsoft's portal. */
  readonly initiateLoginUri?: string;
  /** Whether guests of the directory may get in where the connection is open to everyone. */
  readonly admitsGuests: boolean;
}

export type Applications = readonly Application[];

export function applicationOf(applications: Applications, clientId: string): Application | undefined {
  return applications.find((one) => one.clientId === clientId);
}
