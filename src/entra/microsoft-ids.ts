import type { LogFields } from "../domain/logger.ts";

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Microsoft's own name for a call, which its support asks for: Graph's `request-id`, login's `x-ms-request-id`. */
export function microsoftIds(headers: Headers): LogFields {
  const id = headers.get("request-id") ?? headers.get("x-ms-request-id") ?? "";
  const client = headers.get("client-request-id") ?? "";
  return {
    ...(guid.test(id) ? { microsoft_request_id: id } : {}),
    ...(guid.test(client) ? { client_request_id: client } : {}),
  };
}
