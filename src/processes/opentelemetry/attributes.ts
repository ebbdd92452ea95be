import type { Attributes } from "@opentelemetry/api";
import type { LogFields } from "../../domain/logger.ts";

/** What of a log line's fields a span may hold, and under which name. Anything else stays out: paths hold ids of others. */
const allowed: Readonly<Record<string, string>> = {
  request_id: "authio.request_id",
  provision_id: "authio.provision_id",
  workflow_id: "authio.workflow_id",
  attempt: "authio.attempt",
  code: "error.type",
  method: "http.request.method",
  microsoft_request_id: "microsoft.request_id",
  microsoft_correlation_id: "microsoft.correlation_id",
  microsoft_code: "microsoft.code",
};

export function attributesOf(fields: LogFields): Attributes {
  const attributes: Attributes = {};
  for (const [name, value] of Object.entries(fields)) {
    const attribute = allowed[name];
    if (attribute !== undefined && value !== undefined && value !== null) attributes[attribute] = value;
  }
  return attributes;
}
