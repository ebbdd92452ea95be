import type postgres from "postgres";

/** So many rows in each table. Four in five have ended well, the rest in every other way; of each state that is not an end a few. */
export async function fillTables(sql: postgres.Sql, rows: number, ssoOrigin: string): Promise<void> {
  await sql`alter table ms_provision_requests disable trigger user`;
  await sql`insert into ms_provision_requests (id, sso_origin, project_id, org_id, started_by, binding, state_hash,
      browser_hash, status, entra_tenant_id, connection_id, operation_id, error_code, created_at, expires_at,
      proved_at, completed_at)
    select 'mspr_' || lpad(n::text, 32, '0'), ${ssoOrigin}, 'proj_1', 'org_' || n / 3, 'user_' || n, 'cookie',
      'state_' || n, 'browser', status, 'tenant_' || n, case when status <> 'issued' then 'sso_' || n end,
      case when status <> 'issued' then 'op_' || lpad(n::text, 32, '0') end,
      case when status = 'failed' then 'internal' end, at, at + interval '15 minutes', at,
      case when status in ('succeeded', 'failed') then at end
    from (select n, now() - n * interval '40 seconds' as at,
        case when n % 1000 = 1 then 'issued' when n % 1000 = 2 then 'proved' when n % 1000 = 3 then 'provisioning'
          when n % 5 = 4 then 'failed' else 'succeeded' end as status
      from generate_series(1, ${rows}::int) as n) as made`;
  await sql`insert into connection_operations (id, kind, request_id, sso_origin, project_id, org_id, requested_by,
      connection_id, entra_tenant_id, status, workflow_id, error_code, created_at, completed_at, settle_due_at)
    select operation_id, 'connect', id, sso_origin, project_id, org_id, 'user:' || started_by, connection_id,
      entra_tenant_id, case status when 'proved' then 'waiting' when 'provisioning' then 'running' else status end,
      'ms-provision-' || id, error_code, created_at, completed_at,
      case when mod(extract(epoch from created_at)::bigint, 997) = 0 then completed_at end
    from ms_provision_requests where operation_id is not null`;
  await sql`insert into sso_connections (id, project_id, org_id, protocol, provider, status, managed_by,
      entra_tenant_id, app_id, app_object_id, service_principal_id, issuer, redirect_uri, sealed_secret,
      secret_key_id, secret_expires_at, configured_by)
    select 'sso_' || n, 'proj_1', 'org_' || n / 3, 'oidc', 'entra', 'active', 'microsoft_graph', 'tenant_' || n,
      'app_' || n, 'object_' || n, 'principal_' || n, 'issuer', ${ssoOrigin} || '/' || n, 'asv1.x', 'key_' || n,
      now() + n * interval '10 minutes', 'user'
    from generate_series(1, ${rows}::int) as n`;
  await sql`insert into signin_codes (code_hash, client_id, connection_id, epoch, sid, expires_at, spent_at, forget_at)
    select 'code_' || n, 'client', 'sso_' || n, 1, 'sid_' || n, now() + interval '1 minute', now(), now() + interval '1 day'
    from generate_series(1, ${rows}::int) as n`;
  await sql`insert into signin_tokens (token_hash, code_hash, client_id, connection_id, epoch, sid, sealed, expires_at)
    select 'token_' || n, code_hash, client_id, connection_id, epoch, sid, 'sealed', forget_at
    from (select row_number() over () as n, * from signin_codes) as codes`;
  await sql`insert into audit_events (actor, action, project_id, org_id, request_id, generation)
    select 'system', 'succeeded', 'proj_1', 'org_' || n, 'mspr_' || n, 1 from generate_series(1, ${rows}::int) as n`;
  await sql`alter table ms_provision_requests enable trigger user`;
  await sql`vacuum analyze`;
}
