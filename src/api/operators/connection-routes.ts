import { z } from "zod";
import { entraTenantIdSchema, orgIdSchema } from "../../domain/ids.schema.ts";
import { reasonSchema } from "../../domain/text.schema.ts";
import { operatorConnectionPath } from "../contract/fields.ts";
import { describeRoute } from "../contract/route.ts";
import { pageQuery } from "../paging.ts";
import { begunSchema, connectionListSchema, connectionViewSchema } from "../session/connection.schema.ts";
import { restoring } from "../session/restore-connection.ts";

export const connectionsQuery = z.strictObject({
  organization_id: orgIdSchema.optional(),
  entra_tenant_id: entraTenantIdSchema.optional(),
  status: connectionViewSchema.shape.status.optional(),
  ...pageQuery,
});
export const orderBody = z.strictObject({ reason: reasonSchema });
export const returnBody = orderBody.extend({
  override_owner: z
    .boolean()
    .exactOptional()
    .meta({ description: "True: also where an owner or admin of the organization switched it off." }),
});

const common = {
  servedBy: "management",
  tag: "Operators",
  caller: "operator",
  refusesBy: { kind: "problem" },
} as const;
const order = {
  ...common,
  methods: ["post"],
  parameters: operatorConnectionPath,
  body: { schema: orderBody, isRequired: true },
} as const;
const changed = {
  200: { description: "The connection as it is now.", schema: connectionViewSchema },
} as const;

export const listAllConnectionsRoute = describeRoute({
  ...common,
  methods: ["get"],
  path: "/v1/admin/sso-connections",
  operationId: "listAllConnections",
  summary: "Connections of every organization, in the order of their ids",
  query: connectionsQuery,
  answers: { 200: { description: "Without their secrets.", schema: connectionListSchema } },
  refusals: [],
});

export const suspendAnyConnectionRoute = describeRoute({
  ...order,
  path: "/v1/admin/sso-connections/{id}/suspend",
  operationId: "suspendAnyConnection",
  summary: "Suspend a connection, at once",
  description: "It signs nobody in from the next request on. Nothing changes at Microsoft.",
  answers: changed,
  refusals: ["not_found", "connection_disconnected"],
});

export const resumeAnyConnectionRoute = describeRoute({
  ...order,
  path: "/v1/admin/sso-connections/{id}/resume",
  body: { schema: returnBody, isRequired: true },
  operationId: "resumeAnyConnection",
  summary: "Resume a suspended connection, at once",
  answers: changed,
  refusals: ["not_found", "connection_disconnected", "switched_off_by_owner"],
});

export const disconnectAnyConnectionRoute = describeRoute({
  ...order,
  path: "/v1/admin/sso-connections/{id}/disconnect",
  operationId: "disconnectAnyConnection",
  summary: "Disconnect a connection",
  answers: { 202: { description: "It is disconnected; the rest is under way.", schema: begunSchema } },
  refusals: ["not_found", "connection_disconnected"],
});

export const restoreAnyConnectionRoute = describeRoute({
  ...order,
  path: "/v1/admin/sso-connections/{id}/restore",
  body: { schema: returnBody, isRequired: true },
  operationId: "restoreAnyConnection",
  summary: "Restore a disconnected connection",
  answers: restoring.answers,
  refusals: [...restoring.refusals, "switched_off_by_owner"],
});
