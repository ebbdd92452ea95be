import { randomBytes, randomUUID } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { DataFolderError } from "./data-folder-error.ts";

/** Keys of an installation. */
export interface StackSecrets {
  readonly masterKey: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/**
 * Keys of this installation: made once, kept beside the data they protect, readable by this user only.
 * @param file undefined for keys that are forgotten
 */
export async function stackSecrets(file: string | undefined): Promise<StackSecrets> {
  const made: StackSecrets = {
    masterKey: randomBytes(32).toString("base64"),
    clientId: randomUUID(),
    clientSecret: randomBytes(24).toString("base64url"),
  };
  if (file === undefined) return made;
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT")
      throw new DataFolderError(`${file}, which holds the keys, cannot be read (${code}).`);
    await writeFile(`${file}.new`, JSON.stringify(made), { mode: 0o600 });
    await rename(`${file}.new`, file);
    return made;
  }
  try {
    const { masterKey, clientId, clientSecret } = JSON.parse(text) as Partial<StackSecrets>;
    if (masterKey && clientId && clientSecret) return { masterKey, clientId, clientSecret };
  } catch {
    // Said below, as for a file that holds something else.
  }
  throw new DataFolderError(
    `${file}, which holds the keys of the data, is damaged. Put a copy of it back if you have one.`,
    true,
  );
}
