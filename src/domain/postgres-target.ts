import type { SecretText } from "./secret-text.ts";

/** One server, or one of several of a cluster. Absent parts are the driver's: `PGHOST`, `localhost`, 5432. */
export type PostgresHost =
  | { readonly kind: "tcp"; readonly name?: string; readonly port?: number }
  | { readonly kind: "socket"; readonly path: string };

/** How far the connection is encrypted, and whose certificate is believed. */
export type PostgresTls =
  | { readonly kind: "off" }
  /** Where the server has it. */
  | { readonly kind: "preferred" }
  /** Encrypted, the server's certificate is not looked at. */
  | { readonly kind: "encrypted"; readonly client?: ClientCertificate }
  | {
      readonly kind: "verified";
      /** PEM; absent: the certificate authorities that Node knows. */
      readonly ca?: string;
      /** False: any certificate of the authority will do (`verify-ca`). */
      readonly checksName: boolean;
      readonly client?: ClientCertificate;
    };

/** PEM texts. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key: SecretText;
  readonly passphrase?: SecretText;
}

/** `DATABASE_URL`, read. */
export interface PostgresTarget {
  /** At least one; of several, the one that takes writes is used. */
  readonly hosts: readonly PostgresHost[];
  readonly user?: string;
  readonly password?: SecretText;
  readonly database?: string;
  readonly tls: PostgresTls;
  /**
   * A pooler that hands out a session for one transaction only (PgBouncer in transaction mode): nothing may be kept in
   * the session, so settings go with each transaction.
   */
  readonly isPooled: boolean;
  /** Whether statements are parsed once a session. */
  readonly prepares: boolean;
  /** Where the tables are, other than where the role's own search path leads. */
  readonly schema?: string;
  /** A whole `search_path`, as PostgreSQL writes it. */
  readonly searchPath?: string;
  /** The start-up parameter `options`, as libpq has it. */
  readonly options?: string;
  readonly applicationName: string;
  readonly connectTimeoutSeconds: number;
  /** How many connections one process may hold. */
  readonly connectionsMax: number;
  /** A server that takes no writes is passed over. */
  readonly sessionAttributes?: "read-write" | "primary";
}

/** What is wrong with a connection string, each with its fix; no message holds a value. */
export class PostgresUrlError extends Error {
  override readonly name = "PostgresUrlError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`DATABASE_URL ${problems.join("; ")}`);
    this.problems = problems;
  }
}
