import type { SimulatedTenant } from "../../../src/simulator/directory.ts";
import { type Product, testProject } from "../../support/product.ts";

/** Writes that many proved requests of one tenant, each of an organization of its own, as after an outage. */
export async function queueProvisions(
  product: Product,
  tenant: SimulatedTenant,
  count: number,
): Promise<void> {
  tenant.consentedMs ??= Date.now() - 60_000;
  await product.sql`
    insert into ms_provision_requests
      (id, operation_id, sso_origin, project_id, org_id, started_by, binding, state_hash, browser_hash, status, entra_tenant_id, connection_id, proved_at, expires_at)
    select 'mspr_' || md5(${tenant.id} || n), 'op_' || md5(${tenant.id} || n), ${product.origin}, ${testProject}, 'org_' || md5(${tenant.id} || n), 'usr_1', 'cookie',
      md5('state' || ${tenant.id} || n), 'browser', 'proved', ${tenant.id}, 'sso_' || md5(${tenant.id} || n), now(), now() + interval '15 minutes'
    from generate_series(1, ${count}) n`;
  await product.sql`
    insert into connection_operations
      (id, kind, request_id, sso_origin, project_id, org_id, requested_by, status, entra_tenant_id, connection_id)
    select operation_id, 'connect', id, sso_origin, project_id, org_id, 'user:' || started_by, 'waiting', entra_tenant_id, connection_id
    from ms_provision_requests where entra_tenant_id = ${tenant.id} and status = 'proved'`;
}
