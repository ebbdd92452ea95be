-- What the service's own role may do, apart from the owner of the tables, who migrates. Run it as that owner, or let
-- `migrate` do so: it repeats the grants after each migration where the role authio_runtime is there.
--
--   create role authio_runtime nologin;
--   grant authio_runtime to the_login_of_api_and_worker;
--
-- Requests and connections can be read, added and changed, never deleted. Audit events can be read and added: nothing
-- that the service could be made to run changes one, and as it does not own the table it cannot switch the trigger off.
do $$ begin
  execute format('grant usage on schema %I to authio_runtime', current_schema());
end $$;
revoke all on ms_provision_requests, sso_connections, code_redemptions, signin_codes, signin_tokens, signing_keys, audit_events, events from authio_runtime;
grant select, insert, update on ms_provision_requests, sso_connections to authio_runtime;
-- Its rows are forgotten once their time is over.
grant select, insert, update, delete on code_redemptions, signin_codes, signin_tokens to authio_runtime;
grant select, insert, update on signing_keys to authio_runtime;
grant select, insert on audit_events, events to authio_runtime;
grant usage on sequence audit_events_id_seq, events_position_seq to authio_runtime;

-- A worker signs nothing: under a role of its own it cannot read the keys that sign what applications get.
--
--   create role authio_worker nologin;
--   grant authio_worker to the_login_of_the_worker;
do $$ begin
  if exists (select from pg_roles where rolname = 'authio_worker') then
    execute format('grant usage on schema %I to authio_worker', current_schema());
    revoke all on ms_provision_requests, sso_connections, code_redemptions, signin_codes, signin_tokens, signing_keys, audit_events, events from authio_worker;
    grant select, insert, update on ms_provision_requests, sso_connections to authio_worker;
    grant select, update, delete on code_redemptions, signin_codes, signin_tokens to authio_worker;
    grant select, insert on audit_events, events to authio_worker;
    grant usage on sequence audit_events_id_seq, events_position_seq to authio_worker;
  end if;
end $$;
