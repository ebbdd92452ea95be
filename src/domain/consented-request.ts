import type { EntraTenantId } from "./ids.ts";
import type { ProvisionRequest } from "./provision-request.ts";

/** A request whose approval came back: by then a directory was named, and a browser is known. */
export type ConsentedRequest = ProvisionRequest & {
  readonly status: "consented";
  readonly tenantHint: EntraTenantId;
  readonly browserHash: string;
};

export function isConsented(request: ProvisionRequest): request is ConsentedRequest {
  return request.status === "consented" && request.tenantHint !== null && request.browserHash !== null;
}
