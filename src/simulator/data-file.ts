import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import type { SimulatedApplication, SimulatedTenant } from "./directory.ts";

/** A file of an older version knows less. */
function complete(kept: SimulatedApplication): SimulatedApplication {
  const untouched = {
    servicePrincipalMadeMs: kept.createdMs,
    servicePrincipalDeletedMs: null,
    servicePrincipalTags: ["WindowsAzureActiveDirectoryIntegratedApp"],
    servicePrincipalCredentials: [],
    servicePrincipalKeys: [],
    disabled: false,
    federated: [],
  };
  return { ...untouched, ...kept, properties: { keyCredentials: [], ...kept.properties } };
}

/** Nor one of the provisioning app. */
const ownPrincipal = (): object => ({ ownPrincipalId: randomUUID() });

export class BrokenDataFile extends Error {
  override readonly name = "BrokenDataFile";
}

/** Keeps the tenants in a file, so that connections outlive a restart. Secrets are kept as hashes only. */
export class DataFile {
  readonly #path: string;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Undefined where nothing was kept yet.
   * @throws {BrokenDataFile} when it is no JSON
   */
  read(): SimulatedTenant[] | undefined {
    if (!existsSync(this.#path)) return undefined;
    const text = readFileSync(this.#path, "utf8");
    try {
      const tenants = JSON.parse(text) as SimulatedTenant[];
      return tenants.map((tenant) => ({
        ...ownPrincipal(),
        ...tenant,
        applications: tenant.applications.map(complete),
      }));
    } catch {
      throw new BrokenDataFile(`${this.#path}, which holds the simulated tenants, is damaged.`);
    }
  }

  /** Writes one after the other, each whole or not at all. */
  save(tenants: readonly SimulatedTenant[]): Promise<void> {
    const text = JSON.stringify(tenants, (name, value: unknown) => (name === "secretText" ? null : value), 1);
    const write = async (before: Promise<void>): Promise<void> => {
      await before;
      const temporary = `${this.#path}.new`;
      await writeFile(temporary, text, { mode: 0o600 });
      await rename(temporary, this.#path);
    };
    this.#writing = write(this.#writing);
    return this.#writing;
  }
}
