import type { SimulatedTenant } from "../../src/simulator/directory.ts";
import { connect, eventually, newOrg, operatorToken, type Product } from "./product.ts";

/** A live connection of an organization and a directory of its own. */
export interface Connected {
  readonly tenant: SimulatedTenant;
  readonly org: string;
  readonly id: string;
}

/** What operators do to connections over HTTP, and what comes of it. */
export function operatorsOf(productOf: () => Product) {
  async function connected(): Promise<Connected> {
    const product = productOf();
    const [tenant, org] = [product.addTenant(), newOrg()];
    const { end } = await connect(product, tenant, { org });
    return { tenant, org, id: end.searchParams.get("connection") ?? "" };
  }
  async function call(method: "GET" | "POST", path: string, body?: unknown, token = operatorToken) {
    const answer = await fetch(`${productOf().origin}/v1/admin/sso-connections${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }
  const statusOf = async ({ id }: Connected): Promise<unknown> =>
    (await productOf().sql`select status from sso_connections where id = ${id}`)[0]?.["status"];
  /** Waits until the one operation of that kind succeeded. */
  const endOf = (one: Connected, kind: string): Promise<void> =>
    eventually(async () => {
      const rows = await productOf()
        .sql`select from connection_operations where connection_id = ${one.id} and kind = ${kind} and status = 'succeeded'`;
      return rows.length === 1;
    });
  return { connected, call, statusOf, endOf };
}
