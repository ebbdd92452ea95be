import { html } from "hono/html";
import type { ConnectionView } from "../../src/dashboard/connection-card.ts";
import { type OrganizationView, organizationPage } from "../../src/dashboard/organization-page.ts";

/** A connection as the API shows it to the dashboard; `number` makes it another one, of another directory. */
export function connectionOf(number: number, given: Partial<ConnectionView> = {}): ConnectionView {
  const address = `https://sso.example.com/v1/sso/connections/sso_${number}`;
  return {
    id: `sso_${number}`,
    display_name: "Microsoft",
    status: "active",
    entra_tenant_id: `c0ffee0${number}-1111-4222-8333-444455556666`,
    access: "everyone",
    configured_at: "2026-11-25T08:30:00.000Z",
    configured_by: "user_olivia",
    oidc_client_id: "16fc0e8f-b9fd-40dc-aa34-a9ab25e16102",
    secret_expires_at: "2028-11-24T00:00:00.000Z",
    secret_renewal: { due_at: "2028-09-25T00:00:00.000Z" },
    sign_in_failures: [],
    sign_ins_30_days: 0,
    sign_in_url: `${address}/initiate`,
    assignment_url: `https://entra.microsoft.com/${number}/#view/users`,
    ...given,
  };
}

/** The organization page of an owner who may start, as HTML. */
export async function organizationPageOf(view: Partial<OrganizationView> = {}): Promise<string> {
  return String(
    await organizationPage({
      organization: "Acme",
      person: html``,
      canStart: true,
      connections: [],
      outcome: { kind: "none" },
      connectAction: "/connect",
      changeAction: "/change",
      releaseAction: "/release",
      open: [],
      cancelAction: "/cancel",
      ...view,
    }),
  );
}
