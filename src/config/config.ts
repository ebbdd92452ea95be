import type { Applications } from "../domain/application.ts";
import type { EntraCloud } from "../domain/clouds.ts";
import type { EntraTenantId } from "../domain/ids.ts";
import type { MasterKeyring } from "../domain/master-keyring.ts";
import type { PostgresTarget } from "../domain/postgres-target.ts";
import type { SecretText } from "../domain/secret-text.ts";
import type { TemporalAddress } from "../domain/temporal-address.ts";
import type { OtlpSettings } from "./read-otlp.ts";
import type { Retention } from "./read-retention.ts";
import type { TrustedProxies } from "./trusted-proxies.ts";

export type ApiRole = "all" | "management" | "sso";
export type LogLevel = "debug" | "info" | "warn" | "error";

/** Hosts that a return URL may name. `port` only on loopback, in development. */
export interface ReturnHosts {
  readonly hosts: readonly string[];
  /** True in development: listed loopback hosts may use http and any port. */
  readonly allowInsecureLoopback: boolean;
}

/** What every process of the product needs. */
export interface ServiceConfig {
  readonly database: PostgresTarget;
  readonly temporal: {
    readonly address: TemporalAddress | undefined;
    readonly namespace: string | undefined;
  };
  readonly logLevel: LogLevel;
  /** Where OpenTelemetry's collector is; undefined: nowhere, and nothing of it is loaded. */
  readonly otlp: OtlpSettings | undefined;
}

/** Where a process listens. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export interface ProvisioningApp {
  readonly clientId: string;
  readonly clientSecret: SecretText;
}

/** Not being configured is a state of the product, not an error: start answers 503 and says so. */
export type Provisioning =
  | {
      readonly kind: "configured";
      readonly clientId: string;
      /** absent for the management role, which needs the id alone */ readonly app?: ProvisioningApp;
    }
  | { readonly kind: "not_configured" };

export interface OperatorToken {
  readonly name: string;
  readonly sha256: Buffer;
}

/** Whose dashboard sessions are believed, and which of their claims say who may do what. */
export interface SessionRules {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUrl: string;
  /** One key serves all tenants of the platform: only sessions of these projects count. */
  readonly projectIds: readonly string[];
  /** JWS algorithms (RFC 7518, RFC 8037). */
  readonly algorithms: readonly string[];
  readonly orgClaim: string;
  readonly roleClaim: string;
  readonly adminRoles: readonly string[];
  readonly cookie: string;
}

export interface ApiConfig extends ServiceConfig {
  readonly role: ApiRole;
  readonly host: string;
  readonly port: number;
  /** Where machines ask how it does; undefined: nowhere. */
  readonly watch: ListenAddress | undefined;
  readonly provisioning: Provisioning;
  /** Absent for the management role, and where neither it nor the provisioning app is configured. */
  readonly keyring?: MasterKeyring;
  readonly cloud: EntraCloud;
  readonly returnHosts: ReturnHosts;
  readonly confirmHosts: readonly string[];
  readonly ssoOrigin: string;
  readonly managementOrigin: string;
  readonly dashboardUrl: string;
  readonly dashboardOrigins: readonly string[];
  readonly session: SessionRules;
  readonly applications: Applications;
  readonly proofRoles: readonly string[];
  readonly operatorTokens: readonly OperatorToken[];
  /** Owners may hand the approval over to an administrator without an account. */
  readonly setupLinks: boolean;
  readonly callbackWaitMs: number;
  readonly trustedProxies: TrustedProxies;
  readonly allowInsecureLoopback: boolean;
}

export interface WorkerConfig extends ServiceConfig {
  readonly provisioning:
    | {
        readonly kind: "configured";
        readonly app: ProvisioningApp;
        readonly keyring: MasterKeyring;
        readonly ssoOrigin: string;
      }
    | { readonly kind: "not_configured" };
  /** Where machines ask how it does; undefined: nowhere. */
  readonly watch: ListenAddress | undefined;
  readonly cloud: EntraCloud;
  readonly allowInsecureLoopback: boolean;
  readonly adoptWindowMs: number;
  readonly retention: Retention;
  /** The operator's own directory, where `doctor` tries our credential. */
  readonly homeTenantId: EntraTenantId | undefined;
  /** Worker Deployment and build id for Temporal's worker versioning; absent: unversioned. */
  readonly deployment?: { readonly deploymentName: string; readonly buildId: string };
}
