import { fileURLToPath } from "node:url";
import { developmentAudience, developmentProject, issuerPath } from "./development-sessions.ts";
import type { StackSecrets } from "./stack-secrets.ts";

/** What a developer may tune from the shell. Everything else there is meant for other installations. */
const tunable = [
  "AUTHIO_CALLBACK_WAIT_MS",
  "AUTHIO_DASHBOARD_ORIGINS",
  "AUTHIO_MS_ADOPT_WINDOW_MS",
  "AUTHIO_MS_CONFIRM_HOSTS",
  "AUTHIO_MS_PROOF_ROLES",
  "AUTHIO_OPERATOR_TOKENS",
  "AUTHIO_MS_SETUP_LINKS",
] as const;

/** The configuration of the embedded product. */
export function stackEnvironment(parts: {
  databaseUrl: string;
  temporalAddress: string;
  appOrigin: string;
  simulatorOrigin: string;
  secrets: StackSecrets;
  applicationsFile: string;
}): Record<string, string | undefined> {
  const { appOrigin, simulatorOrigin, secrets } = parts;
  return {
    ...Object.fromEntries(tunable.map((name) => [name, process.env[name]])),
    DATABASE_URL: parts.databaseUrl,
    TEMPORAL_ADDRESS: parts.temporalAddress,
    HOST: "127.0.0.1",
    AUTHIO_MS_PROVISION_CLIENT_ID: secrets.clientId,
    AUTHIO_MS_PROVISION_CLIENT_SECRET: secrets.clientSecret,
    AUTHIO_IMPORT_CREDS_KEY: secrets.masterKey,
    AUTHIO_MS_CONSENT_RETURN_HOSTS: "localhost",
    AUTHIO_SSO_ORIGIN: appOrigin,
    AUTHIO_MANAGEMENT_ORIGIN: appOrigin,
    AUTHIO_DASHBOARD_URL: `${appOrigin}/`,
    AUTHIO_APPLICATIONS_FILE: parts.applicationsFile,
    AUTHIO_PROJECT_ID: developmentProject,
    AUTHIO_SESSION_ISSUER: `${simulatorOrigin}${issuerPath}`,
    AUTHIO_SESSION_AUDIENCE: developmentAudience,
    AUTHIO_MS_LOGIN_ORIGIN: simulatorOrigin,
    AUTHIO_MS_GRAPH_ORIGIN: simulatorOrigin,
    AUTHIO_ALLOW_INSECURE_LOOPBACK: "1",
  };
}

/**
 * Temporal's library reads this process's environment and a profile file by itself: keys and certificates for other
 * clusters must neither break the embedded server nor be sent to it.
 */
export function forgetTemporalProfiles(): void {
  for (const name of Object.keys(process.env))
    if (name.startsWith("TEMPORAL_") && name !== "TEMPORAL_CLI_PATH") delete process.env[name];
  process.env["TEMPORAL_CONFIG_FILE"] = fileURLToPath(new URL("no-such-profiles.toml", import.meta.url));
}
