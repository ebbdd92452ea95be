import type { ServiceConfig } from "../config/config.ts";
import { temporalOptions } from "./client.ts";

const developmentServers: readonly string[] = ["localhost", "127.0.0.1"];

/**
 * Where a person sees a workflow: Temporal Cloud's page, or the UI at `uiOrigin` (the development server's own where
 * that is what the address leads to). Undefined where nobody knows where a UI is.
 */
export function workflowLinkOf(
  config: ServiceConfig,
  workflowId: string,
  uiOrigin?: string,
): string | undefined {
  const { namespace, connectionOptions } = temporalOptions(config);
  const host = connectionOptions.address.replace(/:\d+$/, "");
  const isCloud = host.endsWith(".tmprl.cloud") || host.endsWith(".api.temporal.io");
  const origin = isCloud
    ? "https://cloud.temporal.io"
    : (uiOrigin ?? (developmentServers.includes(host) ? "http://localhost:8233" : undefined));
  return origin && `${origin}/namespaces/${encodeURIComponent(namespace)}/workflows/${workflowId}`;
}
