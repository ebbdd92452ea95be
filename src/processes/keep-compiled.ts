import module from "node:module";
import { fileURLToPath } from "node:url";

/** Beside the compiled code: whoever may write there could change the code as well, which does not hold for /tmp. */
const folder = fileURLToPath(new URL("../.compile-cache", import.meta.url));

/**
 * Has Node keep what it compiles from here on, for the next process. Where it cannot (before Node 22.1, or where the
 * folder is read-only) everything works as before.
 * @see https://nodejs.org/api/module.html#moduleenablecompilecachecachedir
 */
export function keepCompiled(): void {
  const { enableCompileCache } = module as { enableCompileCache?: (folder: string) => unknown };
  enableCompileCache?.(folder);
}
