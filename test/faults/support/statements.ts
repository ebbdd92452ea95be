/** What a run says to Postgres, as it shows on the wire: the statement itself, or the next thing that is sent. */
export const statements: readonly (readonly [string, RegExp, ("itself" | "next")?, "undo"?])[] = [
  ["the fence", /select .* from "ms_provision_requests" where .*"workflow_id"/],
  ["the intent", /update "ms_provision_requests" set "create_intent_at"/],
  ["the application's ids", /update "ms_provision_requests" set "adopted"/],
  ["the credential's claim", /update "ms_provision_requests" set "credential_attempt"/],
  ["the connection", /insert into "sso_connections"/],
  ["the audit event", /insert into "audit_events"/],
  ["begin", /begin/],
  ["the success's commit", /insert into "audit_events"/, "next"],
  ["the failure", /update "ms_provision_requests" set "status" = \$1, "cleanup"/, "itself", "undo"],
  ["the failure's commit", /insert into "audit_events"/, "next", "undo"],
  ["the clean-up", /update "ms_provision_requests" set "cleanup"/, "itself", "undo"],
];
