import type { SimulatedApplication } from "../../src/simulator/directory.ts";
import type { Connected } from "./operators.ts";
import { connect, eventually, newOrg, type Product } from "./product.ts";

/** What owners do to remove a connection and to bring it back, and what its operations came to. */
export function removalsOf(productOf: () => Product) {
  /** Once its run is over, tidying included. */
  async function connected(): Promise<Connected> {
    const product = productOf();
    const [tenant, org] = [product.addTenant(), newOrg()];
    const { end, id: request } = await connect(product, tenant, { org });
    await product.temporal.workflow.getHandle(`ms-provision-${request}`).result();
    return { tenant, org, id: end.searchParams.get("connection") ?? "" };
  }
  /** POST restores it. `of` is the organization that the session is for. */
  async function call(
    { org, id }: Connected,
    method: "GET" | "DELETE" | "POST",
    claims: Record<string, unknown> & { role?: "owner" | "admin" | "member"; of?: string } = {},
  ) {
    const product = productOf();
    const { role = "owner", of = org, ...rest } = claims;
    const path = method === "POST" ? `${id}/restore` : id;
    const answer = await fetch(`${product.origin}/v1/session/orgs/${org}/sso-connections/${path}`, {
      method,
      headers: { authorization: `Bearer ${await product.session(of, role, rest)}` },
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }
  const rowOf = async ({ id }: Pick<Connected, "id">) =>
    (await productOf().sql`select * from sso_connections where id = ${id}`)[0];
  const operationOf = async ({ id }: Connected, kind: string) =>
    (
      await productOf()
        .sql`select * from connection_operations where connection_id = ${id} and kind = ${kind} order by created_at desc`
    )[0];
  /** The newest of that kind, once it and its clean-up ended. */
  async function ended(one: Connected, kind: string) {
    await eventually(async () =>
      ["succeeded", "failed"].includes(String((await operationOf(one, kind))?.["status"])),
    );
    await eventually(async () => (await operationOf(one, kind))?.["cleanup"] !== "pending");
    return operationOf(one, kind);
  }
  return { connected, call, rowOf, operationOf, ended };
}

/** Secrets, certificates and identities elsewhere, of an application and of its service principal. */
export const credentialsOf = (one: SimulatedApplication): readonly unknown[] => [
  ...one.credentials,
  ...(one.properties["keyCredentials"] as unknown[]),
  ...one.federated,
  ...one.servicePrincipalCredentials,
  ...one.servicePrincipalKeys,
];
