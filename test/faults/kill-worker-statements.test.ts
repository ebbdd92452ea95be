import { killSuite, perMoment, statement } from "./support/kill-matrix.ts";

killSuite(
  "around a statement",
  [
    ...perMoment("note the intent", statement(/update "ms_provision_requests" set "create_intent_at"/)),
    ...perMoment("record the application", statement(/update "ms_provision_requests" set "adopted"/)),
    ...perMoment(
      "claim the credential attempt",
      statement(/update "ms_provision_requests" set "credential_attempt"/),
    ),
    ...perMoment("write the connection", statement(/insert into "sso_connections"/)),
    ...perMoment("commit", statement(/commit/)),
    ...perMoment(
      "record the failure",
      statement(/update "ms_provision_requests" set "status" = \$1, "cleanup"/),
      {
        undo: true,
      },
    ),
    ...perMoment("commit the failure", statement(/commit/), { undo: true }),
    ...perMoment("record the clean-up", statement(/update "ms_provision_requests" set "cleanup"/), {
      undo: true,
    }),
  ],
  24,
);
