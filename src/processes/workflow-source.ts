import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const pathOf = (name: string): string =>
  ["ts", "js"]
    .map((ending) => fileURLToPath(new URL(`../workflows/${name}.${ending}`, import.meta.url)))
    .find((path) => existsSync(path)) ?? "";

/** What a bundle of workflows is made of. */
export const workflowSource: {
  readonly workflowsPath: string;
  readonly workflowInterceptorModules: string[];
} = { workflowsPath: pathOf("index"), workflowInterceptorModules: [pathOf("trace-interceptors")] };
