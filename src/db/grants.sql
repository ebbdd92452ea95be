-- What the service's own role may do, apart from the owner of the tables, who migrates. Run it as that owner, or let
-- `migrate` do so: it repeats the grants after each migration where the role authio_runtime is there.
--
--   create role authio_runtime nologin;
--   grant authio_runtime to the_login_of_api_and_worker;
--
-- Clicks, setup links, operations and connections can be read, added and changed, and are deleted
-- by age alone (prune_ended). Audit events can be read and added: nothing
-- that the service could be made to run changes one, and as it does not own the table it cannot switch the trigger off.
do $$ begin
  execute format('grant usage on schema %I to authio_runtime', current_schema());
end $$;
revoke all on ms_provision_requests, setup_links, connection_operations, sso_connections, connection_health, code_redemptions, signin_codes, signin_tokens, signing_keys, audit_events, events, webhook_endpoints, webhook_deliveries, daily_sign_ins, daily_sign_in_failures, tenant_pauses, provisioning_pauses from authio_runtime;
grant select, insert, update on ms_provision_requests, setup_links, connection_operations, sso_connections, connection_health to authio_runtime;
-- Its rows are forgotten once their time is over.
grant select, insert, update, delete on code_redemptions, signin_codes, signin_tokens to authio_runtime;
grant select, insert, update on signing_keys to authio_runtime;
grant select, insert on audit_events, events to authio_runtime;
-- Removed by operators, and forgotten once delivered.
grant select, insert, update, delete on webhook_endpoints, webhook_deliveries, daily_sign_ins, daily_sign_in_failures to authio_runtime;
grant select, insert, update, delete on tenant_pauses to authio_runtime;
-- Set and ended by operators; the breaker of our own credential by whichever process meets it.
grant select, insert, update, delete on provisioning_pauses to authio_runtime;
grant usage on sequence audit_events_id_seq, events_position_seq, webhook_deliveries_id_seq to authio_runtime;
-- Deletes what ended at least 30 days ago, and nothing else.
grant execute on function prune_ended(timestamptz, timestamptz, integer) to authio_runtime;
-- Makes partitions of the audit trail for the months to come, and nothing else.
grant execute on function audit_partitions_ahead() to authio_runtime;

-- A worker signs nothing: under a role of its own it cannot read the keys that sign what applications get.
--
--   create role authio_worker nologin;
--   grant authio_worker to the_login_of_the_worker;
do $$ begin
  if exists (select from pg_roles where rolname = 'authio_worker') then
    execute format('grant usage on schema %I to authio_worker', current_schema());
    revoke all on ms_provision_requests, setup_links, connection_operations, sso_connections, connection_health, code_redemptions, signin_codes, signin_tokens, signing_keys, audit_events, events, webhook_endpoints, webhook_deliveries, daily_sign_ins, daily_sign_in_failures, tenant_pauses, provisioning_pauses from authio_worker;
    grant select, insert, update on ms_provision_requests, connection_operations, sso_connections, connection_health to authio_worker;
    grant select, update, delete on code_redemptions, signin_codes, signin_tokens to authio_worker;
    grant select, insert on audit_events, events to authio_worker;
    grant select, update on webhook_endpoints to authio_worker;
    grant select, update, delete on daily_sign_ins, daily_sign_in_failures to authio_worker;
    grant select, insert, update, delete on webhook_deliveries to authio_worker;
    grant select, insert, update, delete on tenant_pauses to authio_worker;
    grant select, insert, update, delete on provisioning_pauses to authio_worker;
    grant usage on sequence audit_events_id_seq, events_position_seq, webhook_deliveries_id_seq to authio_worker;
    grant execute on function prune_ended(timestamptz, timestamptz, integer) to authio_worker;
    grant execute on function audit_partitions_ahead() to authio_worker;
  end if;
end $$;
