import { zombieSuite } from "./support/kill-matrix.ts";

zombieSuite([
  {
    name: "the intent to create",
    matches: /update "ms_provision_requests" set "create_intent_at"/,
  },
  { name: "the application's ids", matches: /update "ms_provision_requests" set "adopted"/ },
  {
    name: "the credential's claim",
    matches: /update "ms_provision_requests" set "credential_attempt"/,
  },
  { name: "the connection", matches: /insert into "sso_connections"/ },
]);
