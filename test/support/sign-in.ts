import type { Browser } from "../../src/embedded/browser.ts";
import type { SimulatedTenant } from "../../src/simulator/directory.ts";
import { connect, type Product } from "./product.ts";

/** A tenant of its own with a live connection; `base` is the address of its sign-in routes. */
export async function connectTenant(product: Product) {
  const tenant = product.addTenant();
  const { end, id } = await connect(product, tenant);
  const connection = end.searchParams.get("connection") ?? "";
  return { tenant, connection, request: id, base: `${product.origin}/v1/sso/connections/${connection}` };
}

/** Begins a sign-in in a tab of this browser; gives Microsoft's address. */
export async function beginSignIn(browser: Browser, base: string, path = "initiate"): Promise<string> {
  return (await browser.request(`${base}/${path}`)).headers.get("location") ?? "";
}

/** Chooses one of the tenant's users at the simulator (1: a member); gives the callback. */
export async function chooseUser(
  browser: Browser,
  tenant: SimulatedTenant,
  microsoftUrl: string,
  user = 1,
): Promise<string> {
  const chosen = await browser.request(microsoftUrl, {
    method: "POST",
    body: new URLSearchParams({ user: tenant.users[user]?.id ?? "", decision: "accept" }),
  });
  return chosen.headers.get("location") ?? "";
}
