import { Browser } from "../../src/embedded/browser.ts";
import type { MadeLinkView, SetupLinkView } from "../../src/api/portal/setup-link.schema.ts";
import type { SimulatedTenant } from "../../src/simulator/directory.ts";
import { consent, newOrg, type Product } from "./product.ts";

/** A call to the portal by a session of the organization. */
export async function portal(
  product: Product,
  org: string,
  path: string,
  options: { method?: string; body?: object; role?: "owner" | "admin" | "member"; claims?: object } = {},
): Promise<{ status: number; body: Record<string, unknown> }> {
  const { method = options.body === undefined ? "GET" : "POST", body, role = "owner", claims = {} } = options;
  const answer = await fetch(`${product.origin}/v1/portal/setup-links${path}`, {
    method,
    headers: {
      authorization: `Bearer ${await product.session(org, role, { ...claims })}`,
      origin: product.origin,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

export async function makeLink(
  product: Product,
  wish: { org?: string; [field: string]: unknown } = {},
): Promise<MadeLinkView & { org: string }> {
  const { org = newOrg(), ...body } = wish;
  const made = await portal(product, org, "", { body: { organization_id: org, intent: "sso", ...body } });
  if (made.status !== 201) throw new Error(`the portal answered ${made.status} ${String(made.body["code"])}`);
  return { ...(made.body as MadeLinkView), org };
}

export async function linkView(product: Product, org: string, id: string): Promise<SetupLinkView> {
  return (await portal(product, org, `/${id}`)).body as unknown as SetupLinkView;
}

/** A form that a page of the sso origin sends. */
export function post(
  product: Product,
  browser: Browser,
  url: string,
  fields: Record<string, string>,
): Promise<Response> {
  return browser.request(url, {
    method: "POST",
    headers: { origin: product.origin, "sec-fetch-site": "same-origin" },
    body: new URLSearchParams(fields),
  });
}

/** The button of a link; gives Microsoft's address. */
export async function press(product: Product, browser: Browser, link: string): Promise<string> {
  const url = new URL(link);
  const answer = await post(product, browser, `${url.origin}${url.pathname}`, {
    token: url.searchParams.get("token") ?? "",
  });
  if (answer.status !== 303) throw new Error(`the press answered ${answer.status}`);
  return answer.headers.get("location") ?? "";
}

export const isSetupPage = (url: URL): boolean => url.pathname.startsWith("/v1/sso/setup/mspr_");

/** Press, consent and proof as the tenant's administrator; gives the page where that person answers. */
export async function prove(
  product: Product,
  link: string,
  tenant: SimulatedTenant,
  browser = new Browser(),
): Promise<{ page: URL; browser: Browser; proofId: string }> {
  const callback = await consent(browser, await press(product, browser, link), tenant);
  const page = await browser.follow(await browser.request(callback), isSetupPage);
  return { page, browser, proofId: page.pathname.split("/").at(-1) ?? "" };
}

/** The whole part of the administrator. */
export async function approve(product: Product, link: string, tenant: SimulatedTenant, browser?: Browser) {
  const proved = await prove(product, link, tenant, browser);
  const answer = await post(product, proved.browser, proved.page.href, { answer: "approve" });
  if (answer.status !== 303) throw new Error(`the approval answered ${answer.status}`);
  return proved;
}
