import { expect } from "vitest";
import { connect, finish, type Product } from "./product.ts";

const returnTo = "http://localhost/settings?tab=sso";

/** A connection, and the browser that made it, in which the directory's administrator is signed in. */
export async function connected(product: Product, tenant = product.addTenant()) {
  const { end, org, browser } = await connect(product, tenant);
  return { product, tenant, org, browser, id: end.searchParams.get("connection") ?? "" };
}
export type Connected = Awaited<ReturnType<typeof connected>>;

interface Call {
  readonly path?: string;
  readonly method?: string;
  readonly body?: Record<string, unknown>;
  readonly role?: "owner" | "admin" | "member";
  readonly claims?: Record<string, unknown>;
}

/** A call about the connection, as a page of the sso origin makes it. */
export async function callOf({ product, browser, org, id }: Connected, given: Call) {
  const { path = "", method = "POST", body, role = "owner", claims = {} } = given;
  const url = `${product.origin}/v1/session/orgs/${org}/sso-connections/${id}${path}`;
  const answer = await browser.request(url, {
    method,
    headers: {
      authorization: `Bearer ${await product.session(org, role, claims)}`,
      "content-type": "application/json",
      origin: product.origin,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

export const viewOf = async (one: Connected) => (await callOf(one, { method: "GET" })).body;

/** Begins a release; the body of a success says where the proof begins. */
export async function beginRelease(one: Connected, given: Pick<Call, "body" | "role" | "claims"> = {}) {
  const { status, body } = await callOf(one, { path: "/release", body: { return_to: returnTo }, ...given });
  return { status, body: body as { id: string; proof_url: string; code?: string } & typeof body };
}

/** The whole release, and where the browser ends. */
export async function released(one: Connected) {
  const { status, body } = await beginRelease(one);
  expect(status).toBe(201);
  return { id: body.id, end: await finish(one.browser, body.proof_url) };
}

export const disconnected = async (one: Connected): Promise<void> => {
  await callOf(one, { method: "DELETE" });
  while ("operation" in (await viewOf(one))) await new Promise((resolve) => setTimeout(resolve, 50));
};

/** What the return address says. */
export const toldBy = ({ searchParams }: URL) => ({
  ok: searchParams.get("ok"),
  error: searchParams.get("error"),
});

/** The click as the API shows it. */
export async function clickViewOf({ product, org }: Connected, id: string) {
  const answer = await fetch(`${product.origin}/v1/session/orgs/${org}/ms-provision/${id}`, {
    headers: { authorization: `Bearer ${await product.session(org)}` },
  });
  return (await answer.json()) as { status: string; error?: { code: string; detail: string } };
}
