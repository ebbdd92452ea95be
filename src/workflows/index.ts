export { maintainConnections } from "./maintain-connections.ts";
export { provisionMicrosoftConnection } from "./provision-microsoft-connection.ts";
export { renewConnectionSecret } from "./renew-connection-secret.ts";
