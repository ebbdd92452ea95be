import { randomBytes } from "node:crypto";
import type { ConnectionId, OperationId, ProvisionRequestId, SetupLinkId } from "../domain/ids.ts";

const hex = (): string => randomBytes(16).toString("hex");

export const newProvisionRequestId = (): ProvisionRequestId => `mspr_${hex()}` as ProvisionRequestId;
export const newWebhookEndpointId = (): string => `whk_${hex()}`;
export const newConnectionId = (): ConnectionId => `sso_${hex()}` as ConnectionId;
export const newOperationId = (): OperationId => `op_${hex()}` as OperationId;
export const newSetupLinkId = (): SetupLinkId => `msl_${hex()}` as SetupLinkId;
