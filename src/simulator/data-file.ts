import { existsSync, readFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import type { SimulatedApplication, SimulatedTenant } from "./directory.ts";

/** A file of an older version knows no enterprise application of its own. */
function complete(kept: SimulatedApplication): SimulatedApplication {
  const untouched = {
    servicePrincipalMadeMs: kept.createdMs,
    servicePrincipalDeletedMs: null,
    servicePrincipalTags: ["WindowsAzureActiveDirectoryIntegratedApp"],
    disabled: false,
  };
  return { ...untouched, ...kept };
}

/** Keeps the tenants in a file, so that connections outlive a restart. Secrets are kept as hashes only. */
export class DataFile {
  readonly #path: string;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  /** Undefined where nothing was kept yet. */
  read(): SimulatedTenant[] | undefined {
    if (!existsSync(this.#path)) return undefined;
    try {
      const tenants = JSON.parse(readFileSync(this.#path, "utf8")) as SimulatedTenant[];
      return tenants.map((tenant) => ({ ...tenant, applications: tenant.applications.map(complete) }));
    } catch {
      throw new Error(`The simulator's data file ${this.#path} cannot be read.`);
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
