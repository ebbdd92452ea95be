import { randomBytes } from "node:crypto";
import type { ConnectionId, ProvisionRequestId } from "../domain/ids.ts";

const hex = (): string => randomBytes(16).toString("hex");

export const newProvisionRequestId = (): ProvisionRequestId => `mspr_${hex()}` as ProvisionRequestId;
export const newConnectionId = (): ConnectionId => `sso_${hex()}` as ConnectionId;
