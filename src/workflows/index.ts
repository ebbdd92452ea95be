export { provisionMicrosoftConnection } from "./provision-microsoft-connection.ts";
