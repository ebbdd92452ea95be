import type { ClientCertificate, PostgresTls } from "./postgres-target.ts";
import { SecretText } from "./secret-text.ts";

type Parameters = ReadonlyMap<string, string>;

const modes = ["disable", "allow", "prefer", "require", "no-verify", "verify-ca", "verify-full"] as const;
type Mode = (typeof modes)[number];

/**
 * `sslmode` and what goes with it, as libpq has it: without a mode TLS where the server offers it, and a root
 * certificate makes `require` check it. Channel binding is not spoken here; where it is demanded, the server's
 * certificate is checked in full instead, which keeps out the same third party.
 */
export function readPostgresTls(
  parameters: Parameters,
  readFile: (path: string) => string,
  problems: string[],
): PostgresTls {
  const pem = (name: string, holds: RegExp): string | undefined => {
    const path = parameters.get(name);
    if (!path || path === "system") return undefined;
    try {
      const text = readFile(path);
      if (holds.test(text)) return text;
      problems.push(`names a file in ${name} that holds no PEM of the right kind`);
    } catch {
      problems.push(`names a file in ${name} that cannot be read; check the path and its owner`);
    }
    return undefined;
  };
  const ca = pem("sslrootcert", /-----BEGIN (TRUSTED )?CERTIFICATE-----/);
  const client = readClient(parameters, pem, problems);
  const mode = readMode(parameters, problems);
  const negotiation = parameters.get("sslnegotiation") ?? "postgres";
  if (negotiation !== "postgres") problems.push("has another sslnegotiation than postgres; leave it out");
  const demandsBinding = parameters.get("channel_binding") === "require";
  const withClient = client ? { client } : {};
  const verified = (checksName: boolean): PostgresTls => ({
    kind: "verified",
    checksName,
    ...(ca === undefined ? {} : { ca }),
    ...withClient,
  });
  switch (mode) {
    case "disable":
    case "allow":
    case "prefer":
      if (demandsBinding)
        problems.push("demands channel binding, which needs TLS: set sslmode=verify-full, or leave it out");
      if (mode === "disable") return { kind: "off" };
      return client ? { kind: "encrypted", client } : { kind: "preferred" };
    case "no-verify":
      if (demandsBinding)
        problems.push("demands channel binding but no certificate check: set sslmode=verify-full");
      return { kind: "encrypted", ...withClient };
    case "require":
      if (ca !== undefined) return verified(false);
      return demandsBinding ? verified(true) : { kind: "encrypted", ...withClient };
    case "verify-ca":
      return verified(false);
    default:
      return verified(true);
  }
}

function readMode(parameters: Parameters, problems: string[]): Mode {
  const accepts = parameters.get("sslaccept");
  const fallback: Mode =
    parameters.get("sslrootcert") === "system" || accepts === "strict"
      ? "verify-full"
      : accepts === "accept_invalid_certs"
        ? "no-verify"
        : "prefer";
  const given = parameters.get("sslmode") ?? modeOf(parameters.get("ssl"));
  // Prisma says both: the encryption in one, the check in the other.
  if (given === "require" && accepts !== undefined) return fallback;
  const mode = given === undefined || given === "" ? fallback : modes.find((known) => known === given);
  if (mode === undefined) problems.push(`has an sslmode that is not known; use one of ${modes.join(", ")}`);
  return mode ?? fallback;
}

/** `ssl=true` is the short form that other drivers have; they check the certificate then. */
function modeOf(ssl: string | undefined): string | undefined {
  if (ssl === undefined) return undefined;
  if (/^(true|1|on|yes)$/i.test(ssl)) return "verify-full";
  return /^(false|0|off|no)$/i.test(ssl) ? "disable" : ssl;
}

function readClient(
  parameters: Parameters,
  pem: (name: string, holds: RegExp) => string | undefined,
  problems: string[],
): ClientCertificate | undefined {
  const [hasCert, hasKey] = [parameters.has("sslcert"), parameters.has("sslkey")];
  if (!hasCert && !hasKey) return undefined;
  if (hasCert !== hasKey) {
    problems.push("has one of sslcert and sslkey; give both, and the server's authority in sslrootcert");
    return undefined;
  }
  const cert = pem("sslcert", /-----BEGIN CERTIFICATE-----/);
  const key = pem("sslkey", /-----BEGIN [A-Z ]*PRIVATE KEY-----/);
  const passphrase = parameters.get("sslpassword");
  if (cert === undefined || key === undefined) return undefined;
  return {
    cert,
    key: new SecretText(key),
    ...(passphrase ? { passphrase: new SecretText(passphrase) } : {}),
  };
}
