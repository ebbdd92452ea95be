// Each table's constraints carry its rules, so no code path can write a row that cannot exist.
export * from "./schema/provision-requests.ts";
export * from "./schema/setup-links.ts";
export * from "./schema/connection-operations.ts";
export * from "./schema/sso-connections.ts";
export * from "./schema/connection-health.ts";
export * from "./schema/sign-in.ts";
export * from "./schema/daily-sign-ins.ts";
export * from "./schema/audit.ts";
export * from "./schema/webhooks.ts";
export * from "./schema/tenant-pauses.ts";
export * from "./schema/provisioning-pauses.ts";
