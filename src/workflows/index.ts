export { deliverWebhooks } from "./deliver-webhooks.ts";
export { maintainConnections } from "./maintain-connections.ts";
export { changeConnectionAccess } from "./change-connection-access.ts";
export { disconnectConnection } from "./disconnect-connection.ts";
export { provisionMicrosoftConnection } from "./provision-microsoft-connection.ts";
export { releaseMicrosoftAccess } from "./release-microsoft-access.ts";
export { renewConnectionSecret } from "./renew-connection-secret.ts";
export { restoreConnection } from "./restore-connection.ts";
