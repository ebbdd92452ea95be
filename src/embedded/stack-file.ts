import { readFile, rename, rm, writeFile } from "node:fs/promises";

type Settings = Readonly<Record<string, string | undefined>>;

/**
 * Leaves the settings of a running stack beside its data, for the operators' commands: readable by this user only, like
 * the keys beside it, and gone when the stack stops.
 */
export async function keepStackSettings(
  file: string,
  settings: Settings,
): Promise<{ forget(): Promise<void> }> {
  await writeFile(`${file}.new`, JSON.stringify(settings), { mode: 0o600 });
  await rename(`${file}.new`, file);
  return { forget: () => rm(file, { force: true }) };
}

/** Undefined where no stack runs. */
export async function readStackSettings(file: string): Promise<Settings | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Settings;
  } catch {
    return undefined;
  }
}
