import { loadApiConfig, loadWorkerConfig } from "../../config/load-config.ts";
import type { Shell } from "./options.ts";

/** From the API's variables or a worker's, whichever are here. */
export function ssoOriginOf(environment: Shell["environment"]): string {
  const { provisioning } = loadWorkerConfig(environment);
  return provisioning.kind === "configured" ? provisioning.ssoOrigin : loadApiConfig(environment).ssoOrigin;
}
