import { createHash } from "node:crypto";
import path from "node:path";

/** Where the data of `npm start` are, as absolute paths. */
export interface DataPlaces {
  readonly folder: string;
  /** Holds PostgreSQL's data and its passwords; inside `folder`, except for root. */
  readonly postgres: string;
  readonly temporalFile: string;
  readonly simulatorFile: string;
  readonly secretsFile: string;
  /** How to reach the stack while it runs. */
  readonly settingsFile: string;
}

export const systemFolder = "/var/lib/authio-lobby";

/**
 * Where PostgreSQL keeps what belongs into `wanted`. It does not run as root: there its data are where its own user can
 * reach them, one folder for each clone.
 */
export function postgresFolder(wanted: string): string {
  const inside = path.resolve(wanted);
  if (process.getuid?.() !== 0) return inside;
  return path.join(systemFolder, createHash("sha256").update(inside).digest("hex").slice(0, 16));
}

/** The places that belong to a data folder. */
export function dataPlaces(wanted: string): DataPlaces {
  const folder = path.resolve(wanted);
  return {
    folder,
    postgres: postgresFolder(path.join(folder, "postgres")),
    temporalFile: path.join(folder, "temporal.db"),
    simulatorFile: path.join(folder, "simulator.json"),
    secretsFile: path.join(folder, "development-secrets.json"),
    settingsFile: path.join(folder, "settings.json"),
  };
}
